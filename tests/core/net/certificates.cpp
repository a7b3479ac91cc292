#include "core/net/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <stdexcept>

#include <unistd.h>

namespace beckon::core::testing {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("no certificate could be made: ") + what);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension && X509_add_ext(certificate, extension, -1), value.c_str());
  X509_EXTENSION_free(extension);
}

Certificate make(const Certificate* authority, const Wish& wish, const std::string& name, bool is_authority) {
  static long serial = 1;
  Certificate made;
  made.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
  made.certificate.reset(X509_new(), X509_free);
  auto* x509 = made.certificate.get();
  check(x509 && made.key, "allocation");
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), wish.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(x509), wish.valid_to);
  const auto* common = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_pubkey(x509, made.key.get());
  auto* issuer = x509;
  auto* signer = made.key.get();
  if (authority) {
    issuer = authority->certificate.get();
    signer = authority->key.get();
  }
  X509_set_issuer_name(x509, X509_get_subject_name(issuer));
  if (is_authority) add_extension(x509, issuer, NID_basic_constraints, "critical,CA:TRUE");
  std::string names;
  for (const auto& name : wish.names) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) add_extension(x509, issuer, NID_subject_alt_name, names);
  check(X509_sign(x509, signer, EVP_sha256()) > 0, "signature");
  return made;
}

}  // namespace

std::string Certificate::pem() const {
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  check(PEM_write_bio_X509(out.get(), certificate.get()) == 1, "PEM");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Certificate make_authority(const std::string& name) { return make(nullptr, Wish(), name, true); }
Certificate make_certificate(const Certificate* authority, const Wish& wish) {
  return make(authority, wish, "Test Server", false);
}

boost::asio::ssl::context serve_with(const Certificate& certificate) {
  boost::asio::ssl::context context(boost::asio::ssl::context::tls_server);
  auto* native = context.native_handle();
  SSL_CTX_set_security_level(native, 0);
  SSL_CTX_set_min_proto_version(native, TLS1_VERSION);
  check(SSL_CTX_use_certificate(native, certificate.certificate.get()) == 1, "use");
  check(SSL_CTX_use_PrivateKey(native, certificate.key.get()) == 1, "key");
  return context;
}

CaFile::CaFile(const Certificate& authority) {
  const char* folder = std::getenv("TMPDIR");
  path_ = std::string(folder ? folder : "/tmp") + "/beckon-ca-XXXXXX";
  const int file = ::mkstemp(path_.data());
  const auto text = authority.pem();
  const bool written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  check(written, path_.c_str());
}

CaFile::~CaFile() { ::unlink(path_.c_str()); }

}  // namespace beckon::core::testing
