// SPDX-License-Identifier: EUPL-1.2
// What TLS and Unix sockets add: the versions and protocols let in, the certificate chosen and replaced, who calls.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/unit/server/http/test_server.h"

namespace beffroi::http {
namespace {

std::shared_ptr<const TlsContext> context_of(std::initializer_list<const TestCertificate*> certificates,
                                             const std::string& client_ca = {}) {
  std::vector<CertificateFiles> files;
  for (const TestCertificate* each : certificates) files.push_back({each->certificate, each->key});
  return *TlsContext::build(files, client_ca);
}

std::string common_name(RawClient& client) {
  const X509* certificate = SSL_get0_peer_certificate(client.tls());
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

std::string ask(RawClient& client, const std::string& path) {
  return client.send(get(path)) ? body_of(client.answer()) : "not sent";
}

TEST(Tls, lets_in_the_two_versions_and_only_our_protocol) {
  Server server(short_limits(), true);
  RawClient newest(server.port(), "a.d.test");
  ASSERT_TRUE(newest.connected());
  EXPECT_STREQ(SSL_get_version(newest.tls()), "TLSv1.3");
  RawClient older(server.port(), "a.d.test", nullptr, TLS1_2_VERSION);
  ASSERT_TRUE(older.connected());
  const std::string cipher = SSL_get_cipher_name(older.tls());
  EXPECT_TRUE(cipher.starts_with("ECDHE-") && has(cipher, "GCM")) << cipher;
  EXPECT_EQ(ask(older, "/a"), "/a");
  EXPECT_FALSE(RawClient(server.port(), "a.d.test", nullptr, TLS1_1_VERSION).connected());
  EXPECT_FALSE(RawClient(server.port(), "a.d.test", "h2").connected());
}

TEST(Tls, chooses_the_certificate_by_name_and_the_first_by_default) {
  const TestCertificate wild("*.d.test"), other("other.test");
  Server server(short_limits(), context_of({&wild, &other}), "127.0.0.1:0");
  for (const auto& [name, expected] :
       {std::pair{"commune.d.test", "*.d.test"}, std::pair{"other.test", "other.test"},
        std::pair{"OTHER.test", "other.test"}, std::pair{"a.b.d.test", "*.d.test"}}) {
    RawClient client(server.port(), name);
    ASSERT_TRUE(client.connected()) << name;
    EXPECT_EQ(common_name(client), expected);
  }
}

TEST(Tls, new_certificates_serve_new_connections_and_old_ones_go_on) {
  const TestCertificate before("before.test"), after("after.test");
  Server server(short_limits(), context_of({&before}), "127.0.0.1:0");
  RawClient old(server.port(), "x.test");
  EXPECT_EQ(common_name(old), "before.test");
  server.listener().use(context_of({&after}));
  std::string name;
  while (name != "after.test") {
    RawClient fresh(server.port(), "x.test");
    ASSERT_TRUE(fresh.connected());
    name = common_name(fresh);
  }
  EXPECT_EQ(ask(old, "/still-here"), "/still-here");
}

TEST(Tls, a_session_is_resumed_by_its_ticket) {
  Server server(short_limits(), true);
  RawClient first(server.port(), "a.d.test");
  EXPECT_EQ(ask(first, "/a"), "/a");  // the ticket came before
  SSL_SESSION* session = SSL_get1_session(first.tls());
  RawClient second(server.port(), "a.d.test", "http/1.1", 0, nullptr, session);
  EXPECT_EQ(ask(second, "/b"), "/b");
  EXPECT_EQ(SSL_session_reused(second.tls()), 1);
  EXPECT_EQ(server.stats().handshakes_resumed.load(), 1u);
  SSL_SESSION_free(session);
}

TEST(Tls, names_a_verified_client_certificate_and_refuses_a_strange_one) {
  const TestCertificate own("admin.test"), client("operator"), stranger("stranger");
  Server server(short_limits(), context_of({&own}, client.certificate), "127.0.0.1:0");
  RawClient known(server.port(), "admin.test", "http/1.1", 0, &client);
  EXPECT_EQ(ask(known, "/peer").size(), std::string("127.0.0.1 secure ").size() + 64);
  RawClient none(server.port(), "admin.test");
  EXPECT_EQ(ask(none, "/peer"), "127.0.0.1 secure");
  RawClient strange(server.port(), "admin.test", "http/1.1", 0, &stranger);
  strange.send(get("/peer"));
  EXPECT_EQ(strange.receive_all(), "");
}

TEST(Tls, unusable_files_are_refused_and_nothing_is_built) {
  const TestCertificate one("one.test"), two("two.test");
  const CertificateFiles good{one.certificate, one.key};
  // Each after a good one; the file to blame stands beside it.
  const std::vector<std::pair<CertificateFiles, std::string>> bad{{{one.certificate, two.key}, two.key},
                                                                  {{one.key, one.key}, one.key},
                                                                  {{"/no/such/file", one.key}, "/no/such/file"}};
  for (const auto& [files, blamed] : bad) {
    const std::vector<CertificateFiles> both{good, files};
    const auto built = TlsContext::build(both);
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().file, blamed);
    EXPECT_FALSE(built.error().reason.empty());
  }
  EXPECT_EQ(TlsContext::build({&bad.back().first, 1}).error().reason, "No such file or directory");
  EXPECT_EQ(TlsContext::build({&good, 1}, "/no/such/file").error().file, "/no/such/file");
  const std::int64_t now = std::time(nullptr);
  const auto built = TlsContext::build({&good, 1});
  ASSERT_TRUE(built);
  ASSERT_EQ((*built)->certificates().size(), 1u);
  EXPECT_EQ((*built)->certificates()[0].file, one.certificate);
  EXPECT_GT((*built)->certificates()[0].expires_at, now + 86'000);
  EXPECT_LE((*built)->certificates()[0].expires_at, now + 86'400);
}

TEST(Tls, a_directory_gives_its_pairs_by_name) {
  const TestCertificate files;
  const std::string directory = std::filesystem::path(files.certificate).parent_path();
  std::filesystem::copy(files.certificate, directory + "/a.pem");
  std::filesystem::copy(files.key, directory + "/a.key");
  std::ofstream(directory + "/without-key.crt") << "x";
  const auto found = certificates_in(directory);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].certificate, directory + "/a.pem");
  EXPECT_EQ((*found)[1].key, directory + "/server.key");
  EXPECT_EQ(certificates_in("/no/such/directory").error().reason, "No such file or directory");
}

TEST(UnixSocket, knows_who_calls) {
  char name[] = "/tmp/beffroi-socket-XXXXXX";
  const std::string directory = mkdtemp(name);
  for (int run = 0; run < 2; ++run) {  // the second finds the first one's socket
    Server server(short_limits(), nullptr, "unix:" + directory + "/socket");
    RawClient client(directory + "/socket");
    EXPECT_EQ(ask(client, "/peer"), "unix clear uid " + std::to_string(::getuid()));
    EXPECT_EQ(server.port(), 0);
  }
  std::filesystem::remove_all(directory);
}

TEST(ListenOn, takes_addresses_only) {
  for (const char* bad : {"", "127.0.0.1", "localhost:80", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:80x",
                          "unix:/no/such/directory/socket"}) {
    EXPECT_FALSE(listen_on(bad)) << bad;
  }
  const int both = listen_on("[::]:0").value();
  const Result<int> taken = listen_on("192.0.2.1:1");
  EXPECT_FALSE(taken);
  ::close(both);
}

}  // namespace
}  // namespace beffroi::http
