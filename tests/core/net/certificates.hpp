// Certificates made when the test runs: no key lies in the repository, and none ever expires.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace beckon::core::testing {

struct Certificate {
  std::shared_ptr<x509_st> certificate;
  std::shared_ptr<evp_pkey_st> key;
  std::string pem() const;
};

struct Wish {
  std::vector<std::string> names;      // as OpenSSL writes them: "DNS:api.test", "IP:127.0.0.1"
  long valid_from = -3600;             // seconds from now
  long valid_to = 3600;
};

Certificate make_authority(const std::string& name = "Test Authority");
// Signed by `authority`, or by itself when that is null.
Certificate make_certificate(const Certificate* authority, const Wish& wish);

// A server's context that shows `certificate`; also speaks TLS versions that nobody should.
boost::asio::ssl::context serve_with(const Certificate& certificate);

// The authority in a file of its own, gone with the object.
class CaFile {
 public:
  explicit CaFile(const Certificate& authority);
  ~CaFile();
  CaFile(const CaFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace beckon::core::testing
