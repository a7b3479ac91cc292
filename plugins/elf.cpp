#include "plugins/elf.hpp"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>

namespace beckon::plugins {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);

constexpr const char* truncated = "is truncated; copy it again, and replace a library by renaming, never in place";

class File {
 public:
  explicit File(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() { if (fd_ >= 0) ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return fd_ >= 0; }
  template <class T>
  bool read(T& value, std::uint64_t offset) const {
    return ::pread(fd_, &value, sizeof value, static_cast<off_t>(offset)) == static_cast<ssize_t>(sizeof value);
  }

 private:
  int fd_;
};

std::string machine_name(unsigned machine) {
  switch (machine) {
    case EM_X86_64: return "x86-64";
    case EM_AARCH64: return "aarch64";
    case EM_386: return "i386";
    case EM_ARM: return "arm";
    case EM_RISCV: return "riscv";
    case EM_PPC64: return "ppc64";
    case EM_S390: return "s390";
    default: return "ELF machine " + std::to_string(machine);
  }
}

// Asked of the running program, so that no list of architectures has to be kept here.
std::optional<Header> own_header() {
  Header header{};
  const File self("/proc/self/exe");
  if (!self.is_open() || !self.read(header, 0)) return std::nullopt;
  return header;
}

// Both ends of everything that will be mapped, and the section headers, which a linker writes last.
bool is_whole(const File& file, const Header& header, std::uint64_t size) {
  const auto ends_inside = [size](std::uint64_t offset, std::uint64_t length) {
    return offset <= size && length <= size - offset;
  };
  const std::uint64_t sections = std::uint64_t{header.e_shentsize} * header.e_shnum;
  if (header.e_shoff != 0 && !ends_inside(header.e_shoff, sections)) return false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Segment segment{};
    if (!file.read(segment, header.e_phoff + std::uint64_t{i} * header.e_phentsize)) return false;
    if (segment.p_type == PT_LOAD && !ends_inside(segment.p_offset, segment.p_filesz)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> why_not_a_library(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return "does not exist; check the path, or what the link points to";
  }
  if (error) return "cannot be looked at (" + error.message() + "); check the permissions of its folder";
  // Opening a FIFO or a device could block for ever.
  if (status.type() != std::filesystem::file_type::regular) return "is not a file; give the path of a library";
  const File file(path);
  if (!file.is_open()) {
    return "cannot be read (" + std::generic_category().message(errno) + "); let the user of Beckon read it";
  }
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) return "cannot be looked at (" + error.message() + ")";
  if (size == 0) return "is empty; build or copy it again";

  unsigned char magic[EI_NIDENT] = {};
  const bool has_magic = file.read(magic, 0);
  if (!has_magic && size >= sizeof magic) return "cannot be read; copy it again";
  if (std::memcmp(magic, ELFMAG, SELFMAG) != 0) {
    return "is not a shared library (no ELF file); build it with beckon_add_sink()";
  }
  if (!has_magic) return truncated;
  constexpr unsigned char own_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  if (magic[EI_CLASS] != own_class) {
    return std::string("is a ") + (own_class == ELFCLASS64 ? "32" : "64") + "-bit library and this program is not; " +
           "build it for " + machine_name(own_header().value_or(Header{}).e_machine);
  }
  Header header{};
  if (!file.read(header, 0)) return truncated;
  const std::optional<Header> own = own_header();
  if (own && (header.e_machine != own->e_machine || magic[EI_DATA] != own->e_ident[EI_DATA])) {
    return "is built for " + machine_name(header.e_machine) + ", this program for " + machine_name(own->e_machine) +
           "; build it for this machine";
  }
  if (header.e_type != ET_DYN) return "is an ELF file but not a shared library; build it with beckon_add_sink()";
  if (!is_whole(file, header, size)) return truncated;
  return std::nullopt;
}

}  // namespace beckon::plugins
