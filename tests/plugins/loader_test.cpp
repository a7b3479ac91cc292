#include "plugins/loader.hpp"

#include "plugins/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <elf.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace beckon::plugins {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

fs::path broken(const std::string& misdeed) { return fs::path(BECKON_BROKEN_SINKS) / (misdeed + ".so"); }

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string refusal_of(const fs::path& library) {
  const auto opened = open_plugin(library);
  if (const auto* refusal = std::get_if<Refusal>(&opened)) {
    EXPECT_EQ(refusal->path, library);
    return refusal->sentence;
  }
  return "(not refused)";
}

class Loader : public ::testing::Test {
 protected:
  // A library of the test's own, named whole.so, with these bytes.
  fs::path library(const std::string& bytes) {
    write(folder_.path() / "whole.so", bytes);
    return folder_.path() / "whole.so";
  }
  TemporaryFolder folder_;
};

TEST_F(Loader, OpensALibraryWrittenInC) {
  const auto opened = open_plugin(broken("whole"));
  ASSERT_TRUE(std::holds_alternative<Plugin>(opened)) << std::get<Refusal>(opened).sentence;
  const Plugin& plugin = std::get<Plugin>(opened);
  EXPECT_EQ(plugin.name, "whole");
  EXPECT_EQ(plugin.version, "1.0.0");
  EXPECT_TRUE(plugin.is_worker);
  EXPECT_EQ(plugin.path, broken("whole"));
  EXPECT_NE(plugin.table->open(nullptr, nullptr, nullptr), nullptr);
}

TEST_F(Loader, RefusesAFileThatIsNoElf) {
  EXPECT_THAT(refusal_of(library("#!/bin/sh\necho this is no library, whatever its name says\n")), HasSubstr("is not a shared library"));
  EXPECT_THAT(refusal_of(library("short")), HasSubstr("is not a shared library"));
}

TEST_F(Loader, RefusesAnEmptyFile) { EXPECT_THAT(refusal_of(library("")), HasSubstr("is empty")); }

TEST_F(Loader, RefusesALibraryCutAnywhere) {
  const std::string whole = bytes_of(broken("whole"));
  for (const std::size_t size : {std::size_t{8}, std::size_t{40}, std::size_t{64}, std::size_t{200}, whole.size() / 2, whole.size() - 1}) {
    EXPECT_THAT(refusal_of(library(whole.substr(0, size))), HasSubstr("is truncated; copy it again")) << size;
  }
}

TEST_F(Loader, RefusesALibraryOfAnotherMachineAndNamesBoth) {
  std::string bytes = bytes_of(broken("whole"));
  const bool on_arm = static_cast<unsigned char>(bytes[offsetof(Elf64_Ehdr, e_machine)]) == EM_AARCH64;
  bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(on_arm ? EM_X86_64 : EM_AARCH64);
  EXPECT_THAT(refusal_of(library(bytes)), AllOf(HasSubstr("is built for"), HasSubstr("aarch64"), HasSubstr("x86-64")));
}

TEST_F(Loader, RefusesA32BitLibrary) {
  std::string bytes = bytes_of(broken("whole"));
  bytes[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(refusal_of(library(bytes)), HasSubstr("is a 32-bit library"));
}

TEST_F(Loader, RefusesAnElfFileThatIsNoLibrary) {
  std::string bytes = bytes_of(broken("whole"));
  bytes[offsetof(Elf64_Ehdr, e_type)] = ET_REL;
  EXPECT_THAT(refusal_of(library(bytes)), HasSubstr("not a shared library"));
}

TEST_F(Loader, RefusesAProgram) {
  fs::copy_file("/proc/self/exe", folder_.path() / "program.so");
  EXPECT_THAT(refusal_of(folder_.path() / "program.so"), HasSubstr("cannot be loaded"));
}

TEST_F(Loader, RefusesWhatCannotBeRead) {
  const fs::path file = library(bytes_of(broken("whole")));
  fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  fs::permissions(file, fs::perms::none);
  // Root reads everything: in a child, it can become somebody else.
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_nobody = ::geteuid() != 0 || ::seteuid(65534) == 0;
    ::_exit(is_nobody && refusal_of(file).find("cannot be read (Permission denied)") != std::string::npos ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Loader, RefusesAMissingFileAFolderAndAPipeWithoutOpeningThem) {
  EXPECT_THAT(refusal_of(folder_.path() / "absent.so"), HasSubstr("does not exist"));
  EXPECT_THAT(refusal_of(folder_.path()), HasSubstr("is not a file"));
  ASSERT_EQ(::mkfifo((folder_.path() / "pipe.so").c_str(), 0600), 0);
  EXPECT_THAT(refusal_of(folder_.path() / "pipe.so"), HasSubstr("is not a file"));
}

struct Misdeed {
  std::string library;
  std::string cause;
  std::string way_out;
};

class BrokenLibrary : public ::testing::TestWithParam<Misdeed> {};

TEST_P(BrokenLibrary, IsRefusedWithCauseAndWayOut) {
  EXPECT_THAT(refusal_of(broken(GetParam().library)), AllOf(HasSubstr(GetParam().cause), HasSubstr(GetParam().way_out)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenLibrary,
    ::testing::Values(
        Misdeed{"no_symbol", "does not export beckon_sink_v1", "BECKON_SINK"},
        Misdeed{"version_2", "is built for plugin major 2, this Beckon speaks 1", "build it against this Beckon's headers"},
        Misdeed{"wrong_major", "is built for plugin major 3, this Beckon speaks 1", "build it against this Beckon's headers"},
        Misdeed{"too_new", "needs plugin version 1.7, this Beckon speaks 1.1", "update Beckon"},
        Misdeed{"half_a_kind", "it has render and lacks interpret", "implement both"},
        Misdeed{"no_open", "lacks the required entry open", "implement it"},
        Misdeed{"null_table", "returned null", "BECKON_SINK"},
        Misdeed{"undefined_symbol", "undefined symbol: nobody_defines_this", "link the library that has it"},
        Misdeed{"wild_pointer", "when it is loaded", "entry function"},
        Misdeed{"crashes_on_load", "when it is loaded", "static constructors"},
        Misdeed{"exits_on_load", "ends the process when it is loaded (exit code 0)", "static constructors"},
        Misdeed{"throws_on_load", "saying \"what():  thrown while it is loaded\"", "static constructors"},
        Misdeed{"entry_throws", "throws out of its entry function: thrown by the entry", "BECKON_SINK"}),
    [](const auto& info) { return info.param.library; });

TEST_F(Loader, FindsLibrariesByNameAndSkipsTheBrokenOnes) {
  write(folder_.path() / "a_broken.so", "no library");
  write(folder_.path() / "notes.txt", "no library, and nobody says it is");
  fs::copy_file(broken("whole"), folder_.path() / "whole.so");
  const Found found = find_plugins({folder_.path()});
  ASSERT_THAT(found.plugins, SizeIs(1));
  EXPECT_EQ(found.plugins[0].path, folder_.path() / "whole.so");
  ASSERT_THAT(found.refusals, SizeIs(1));
  EXPECT_EQ(found.refusals[0].path, folder_.path() / "a_broken.so");
}

TEST_F(Loader, OfTwoPluginsWithOneNameTheFirstFoldersWins) {
  const fs::path first = folder_.path() / "z_first";
  const fs::path second = folder_.path() / "a_second";
  for (const fs::path& each : {first, second}) {
    fs::create_directory(each);
    fs::copy_file(broken("whole"), each / "whole.so");
  }
  const Found found = find_plugins({first, second});
  ASSERT_THAT(found.plugins, SizeIs(1));
  EXPECT_EQ(found.plugins[0].path, first / "whole.so");
  ASSERT_THAT(found.refusals, SizeIs(1));
  EXPECT_EQ(found.refusals[0].path, second / "whole.so");
  EXPECT_THAT(found.refusals[0].sentence, AllOf(HasSubstr("\"whole\""), HasSubstr((first / "whole.so").string())));
}

TEST_F(Loader, SearchesAFolderThatIsListedTwiceOnce) {
  fs::copy_file(broken("whole"), folder_.path() / "whole.so");
  const Found found = find_plugins({folder_.path(), folder_.path() / "."});
  EXPECT_THAT(found.plugins, SizeIs(1));
  EXPECT_THAT(found.refusals, IsEmpty());
}

TEST_F(Loader, RefusesAFolderThatDoesNotExistOrIsAFile) {
  write(folder_.path() / "file", "x");
  const Found found = find_plugins({folder_.path() / "absent", folder_.path() / "file"});
  ASSERT_THAT(found.refusals, SizeIs(2));
  EXPECT_THAT(found.refusals[0].sentence, HasSubstr("does not exist"));
  EXPECT_THAT(found.refusals[1].sentence, HasSubstr("cannot be searched for plugins"));
}

TEST_F(Loader, WhoNamedTheFolderThatIsNotThereIsToldToMendIt) {
  const fs::path absent = folder_.path() / "absent";
  EXPECT_THAT(find_plugins({absent}).refusals.at(0).sentence, HasSubstr("take it out of the configuration"));
  ::setenv("BECKON_SINKS", absent.c_str(), 1);
  const Found found = find_plugins(shipped_folders());
  ::unsetenv("BECKON_SINKS");
  EXPECT_THAT(found.refusals.at(0).sentence, HasSubstr("take it out of $BECKON_SINKS"));
}

TEST_F(Loader, TheEnvironmentNamesTheShippedFolders) {
  ::setenv("BECKON_SINKS", "/one:/two/three", 1);
  const auto folders = shipped_folders();
  ::unsetenv("BECKON_SINKS");
  EXPECT_THAT(folders, ::testing::ElementsAre("/one", "/two/three"));
}

TEST_F(Loader, AProgramInABuildTreeFindsTheSinksOfThatTree) {
  ::unsetenv("BECKON_SINKS");
  fs::create_directories(fs::path(BECKON_BINARY_DIR) / "sinks");
  EXPECT_THAT(shipped_folders(), ::testing::ElementsAre(fs::canonical(BECKON_BINARY_DIR) / "sinks"));
}

}  // namespace
}  // namespace beckon::plugins
