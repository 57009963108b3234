// SPDX-License-Identifier: EUPL-1.2
// The front as a client sees it, over loopback, in clear and under TLS.
#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "tests/unit/server/http/framing_vectors.h"
#include "tests/unit/server/http/test_server.h"

namespace beffroi::http {
namespace {

class Both : public testing::TestWithParam<bool> {
 protected:
  Server server{short_limits(), GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Transport, Both, testing::Values(false, true),
                         [](const auto& transport) { return transport.param ? "tls" : "plain"; });

TEST_P(Both, keeps_the_connection_and_dates_every_answer) {
  const auto client = server.client();
  ASSERT_TRUE(client->connected());
  for (const char* path : {"/a", "/b", "/c"}) {
    ASSERT_TRUE(client->send(get(path)));
    const std::string answer = client->answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(has(answer, "\r\nDate: ")) << answer;
    EXPECT_FALSE(has(answer, "Connection:")) << answer;
    EXPECT_EQ(body_of(answer), path);
  }
  ASSERT_TRUE(client->send(get("/d", "Connection: close\r\n")));
  EXPECT_TRUE(has(client->answer(), "\r\nConnection: close\r\n"));
  EXPECT_TRUE(client->closed());
}

TEST_P(Both, answers_pipelined_requests_in_order) {
  const auto client = server.client();
  ASSERT_TRUE(client->send(get("/sleep") + put("/echo", "Content-Length: 5\r\n", "hello") +
                           put("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n") +
                           get("/last")));
  EXPECT_EQ(body_of(client->answer()), "awake");
  EXPECT_EQ(body_of(client->answer()), "hello");
  EXPECT_EQ(body_of(client->answer()), "abc");
  EXPECT_EQ(body_of(client->answer()), "/last");
}

TEST_P(Both, reads_a_request_that_comes_byte_by_byte) {
  const auto client = server.client();
  for (const char c : put("/echo", "Transfer-Encoding: chunked\r\n", "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")) {
    ASSERT_TRUE(client->send({&c, 1}));
  }
  EXPECT_EQ(body_of(client->answer()), "abc");
}

TEST_P(Both, carries_large_bodies_both_ways) {
  const auto client = server.client();
  std::string body(3'000'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = pattern(i);
  std::thread sender([&] { client->send(put("/echo", "Content-Length: 3000000\r\n", body)); });
  sender.join();
  EXPECT_EQ(body_of(client->answer()), body);
  std::string framed;
  for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 3 % 70'001 + 1) {
    size = std::min(size, body.size() - at);
    char line[24];
    std::snprintf(line, sizeof line, "%zx\r\n", size);
    framed += line + body.substr(at, size) + "\r\n";
  }
  ASSERT_TRUE(client->send(put("/echo", "Transfer-Encoding: chunked\r\n", framed + "0\r\n\r\n") +
                           get("/size/1234567")));
  EXPECT_EQ(body_of(client->answer()), body);
  EXPECT_EQ(body_of(client->answer()), body.substr(0, 1'234'567));
}

TEST_P(Both, a_reader_that_waits_gets_every_byte) {
  const auto client = server.client();
  ASSERT_TRUE(client->send(get("/size/20000000")));
  std::this_thread::sleep_for(100ms);
  const std::string body = body_of(client->answer());
  ASSERT_EQ(body.size(), 20'000'000u);
  for (std::size_t i = 0; i < body.size(); i += 9'973) ASSERT_EQ(body[i], pattern(i));
}

TEST_P(Both, head_and_statuses_without_a_body_have_none) {
  const auto client = server.client();
  ASSERT_TRUE(client->send("HEAD /size/77 HTTP/1.1\r\nHost: d\r\n\r\nHEAD /a HTTP/1.1\r\nHost: d\r\n\r\n" +
                           get("/204") + get("/304") + "HEAD /chunked HTTP/1.1\r\nHost: d\r\n\r\n" +
                           get("/end")));
  EXPECT_TRUE(has(client->receive_until("\r\n\r\n"), "\r\nContent-Length: 77\r\n"));
  EXPECT_TRUE(has(client->receive_until("\r\n\r\n"), "\r\nContent-Length: 2\r\n"));
  EXPECT_FALSE(has(client->receive_until("\r\n\r\n"), "Content-Length"));
  EXPECT_FALSE(has(client->receive_until("\r\n\r\n"), "Content-Length"));
  EXPECT_TRUE(has(client->receive_until("\r\n\r\n"), "Transfer-Encoding"));
  EXPECT_EQ(body_of(client->answer()), "/end");
}

TEST_P(Both, an_answer_of_unknown_length_is_chunked) {
  const auto client = server.client();
  ASSERT_TRUE(client->send(get("/chunked") + get("/end")));
  const std::string head = client->receive_until("\r\n\r\n");
  EXPECT_TRUE(has(head, "\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(client->receive_until("\r\n0\r\n\r\n"),
            "1\r\n \r\n7\r\nhello, \r\n1e\r\nworld, this is sixteen or more\r\n0\r\n\r\n");
  EXPECT_EQ(body_of(client->answer()), "/end");
}

TEST_P(Both, an_old_client_gets_what_it_can_read) {
  const auto keeping = server.client();
  ASSERT_TRUE(keeping->send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_TRUE(has(keeping->answer(), "\r\nConnection: keep-alive\r\n"));
  ASSERT_TRUE(keeping->send("GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  const std::string answer = keeping->receive_all();
  EXPECT_TRUE(has(answer, "\r\nConnection: close\r\n")) << answer;
  EXPECT_FALSE(has(answer, "Transfer-Encoding"));
  EXPECT_EQ(body_of(answer), " hello, world, this is sixteen or more");
  const auto closing = server.client();
  ASSERT_TRUE(closing->send("GET /a HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(has(closing->answer(), "\r\nConnection: close\r\n"));
  EXPECT_TRUE(closing->closed());
}

TEST_P(Both, asks_for_an_expected_body_only_when_it_is_read) {
  const auto client = server.client();
  ASSERT_TRUE(client->send(put("/echo", "Expect: 100-continue\r\nContent-Length: 5\r\n")));
  EXPECT_EQ(client->receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client->send("hello"));
  EXPECT_EQ(body_of(client->answer()), "hello");
  // A client that did not wait is not asked.
  ASSERT_TRUE(client->send(put("/echo", "Expect: 100-continue\r\nContent-Length: 5\r\n", "hello")));
  EXPECT_EQ(body_of(client->answer()), "hello");
}

TEST_P(Both, a_refused_expectation_closes_and_its_body_is_no_request) {
  const auto client = server.client();
  const std::string smuggled = get("/smuggled");
  ASSERT_TRUE(client->send(
      put("/refuse", "Expect: 100-continue\r\nContent-Length: " + std::to_string(smuggled.size()) + "\r\n")));
  const std::string answer = client->answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << answer;
  EXPECT_TRUE(has(answer, "\r\nConnection: close\r\n"));
  client->send(smuggled + get("/next"));
  EXPECT_TRUE(client->closed());
  EXPECT_EQ(server.handler.seen(), (std::vector<std::string>{"PUT /refuse"}));
}

// Found with Debian's botocore: refused before its "100 Continue", it misreads the next answer on the connection.
TEST_P(Both, a_refused_expectation_closes_without_a_body_too) {
  const auto client = server.client();
  ASSERT_TRUE(client->send(put("/refuse", "Expect: 100-continue\r\nContent-Length: 0\r\n")));
  EXPECT_TRUE(has(client->answer(), "\r\nConnection: close\r\n"));
  EXPECT_TRUE(client->closed());
}

TEST_P(Both, passes_over_a_short_unread_body_and_closes_on_a_long_one) {
  const auto client = server.client();
  ASSERT_TRUE(
      client->send(put("/refuse", "Content-Length: 60000\r\n", std::string(60'000, 'x')) + get("/next")));
  EXPECT_TRUE(has(client->answer(), "403"));
  EXPECT_EQ(body_of(client->answer()), "/next");
  ASSERT_TRUE(client->send(put("/refuse", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") +
                           get("/next")));
  EXPECT_TRUE(has(client->answer(), "403"));
  EXPECT_EQ(body_of(client->answer()), "/next");
  ASSERT_TRUE(client->send(put("/refuse", "Content-Length: 70000\r\n", std::string(1'000, 'x'))));
  const std::string answer = client->answer();
  EXPECT_TRUE(has(answer, "403"));
  EXPECT_TRUE(has(answer, "\r\nConnection: close\r\n"));
  EXPECT_TRUE(client->closed());
}

TEST_P(Both, an_unread_body_that_does_not_come_closes_after_the_drain_time) {
  const auto client = server.client();
  ASSERT_TRUE(client->send(put("/refuse", "Content-Length: 1000\r\n", "x")));
  EXPECT_TRUE(has(client->answer(), "403"));
  EXPECT_TRUE(client->closed());
}

TEST_P(Both, an_answer_that_stops_short_is_seen_as_a_failure) {
  for (const char* path : {"/short", "/abort"}) {
    const auto client = server.client();
    ASSERT_TRUE(client->send(get(path)));
    const std::string received = client->receive_all();
    EXPECT_LT(received.size(), 300u);
    EXPECT_TRUE(client->was_reset()) << path;
  }
  while (server.stats().aborted.load() < 2) std::this_thread::sleep_for(5ms);
}

TEST_P(Both, a_handler_that_throws_or_says_nothing_is_an_internal_error) {
  for (const char* path : {"/throw", "/nothing"}) {
    const auto client = server.client();
    ASSERT_TRUE(client->send(get(path)));
    const std::string answer = client->answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
    EXPECT_TRUE(client->closed());
  }
}

TEST_P(Both, a_truncated_body_is_told_to_the_handler) {
  const auto client = server.client();
  ASSERT_TRUE(client->send(put("/echo", "Content-Length: 10\r\n", "hello")));
  client->close_write();
  EXPECT_TRUE(has(client->receive_all(), "400"));
  EXPECT_EQ(server.handler.seen().back(), "body: connection closed inside a message");
}

TEST_P(Both, knows_its_peer) {
  const auto client = server.client();
  ASSERT_TRUE(client->send(get("/peer")));
  EXPECT_EQ(body_of(client->answer()), GetParam() ? "127.0.0.1 secure" : "127.0.0.1 clear");
}

TEST(Server, refuses_every_bad_framing_and_reads_nothing_after_it) {
  Limits limits = short_limits();
  limits.linger = 50ms;
  Server server(limits);
  for (const FramingVector& vector : framing_vectors()) {
    server.handler.clear();
    RawClient client(server.port());
    client.send(vector.bytes + get("/smuggled", "Connection: close\r\n"));
    const std::string all = client.receive_all();
    bool smuggled = false;
    for (const std::string& seen : server.handler.seen()) smuggled = smuggled || seen == "GET /smuggled";
    if (vector.verdict == "accept") {
      EXPECT_TRUE(all.starts_with("HTTP/1.1 200 ") || all.starts_with("HTTP/1.1 204 ")) << vector.name << "\n"
                                                                                        << all;
      continue;
    }
    EXPECT_FALSE(smuggled) << vector.name;
    EXPECT_EQ(server.handler.seen().size(), 1u) << vector.name;
    if (vector.verdict == "body") continue;
    const std::string status = all.substr(0, 12);
    EXPECT_TRUE(status == "HTTP/1.1 400" || status == "HTTP/1.1 414" || status == "HTTP/1.1 431" ||
                status == "HTTP/1.1 505")
        << vector.name << "\n"
        << all;
    EXPECT_TRUE(has(all, "\r\nConnection: close\r\n")) << vector.name;
  }
}

TEST(Server, a_slow_head_is_refused_and_an_idle_connection_is_closed) {
  Limits limits = short_limits();
  limits.head = 150ms;
  limits.idle = 400ms;
  Server server(limits);
  RawClient slow(server.port()), idle(server.port());
  const auto start = std::chrono::steady_clock::now();
  for (const char c : std::string("GET /a HTTP/1.1\r\nHost: d.test\r\n")) {
    if (!slow.send({&c, 1})) break;
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_TRUE(slow.receive_all().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(idle.closed());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 400ms);
  EXPECT_EQ(server.handler.seen(), (std::vector<std::string>{"refused 4"}));
}

TEST(Server, a_body_or_a_reader_that_stands_still_is_cut_off) {
  Limits limits = short_limits();
  limits.progress = 150ms;
  Server server(limits);
  RawClient sender(server.port());
  ASSERT_TRUE(sender.send(put("/echo", "Content-Length: 10\r\n", "hello")));
  EXPECT_TRUE(sender.receive_all().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(server.handler.seen().back(), "body: deadline passed");
  RawClient reader(server.port());
  ASSERT_TRUE(reader.send(get("/size/50000000")));
  while (server.stats().timed_out.load() < 2) std::this_thread::sleep_for(10ms);
  EXPECT_LT(reader.receive_all().size(), 50'000'000u);
}

TEST(Server, a_handshake_that_does_not_come_is_cut_off) {
  Limits limits = short_limits();
  limits.handshake = 100ms;
  Server server(limits, true);
  RawClient silent(server.port());
  EXPECT_TRUE(silent.closed());
  EXPECT_EQ(server.stats().handshakes_failed.load(), 1u);
}

TEST(Server, takes_so_many_connections_and_no_more) {
  Limits limits = short_limits();
  limits.connections_max = 2;
  limits.refused_connections_max = 1;
  Server server(limits);
  RawClient first(server.port()), second(server.port());
  for (RawClient* client : {&first, &second}) {
    ASSERT_TRUE(client->send(get("/a")));
    EXPECT_EQ(body_of(client->answer()), "/a");
  }
  RawClient third(server.port());
  RawClient fourth(server.port());
  EXPECT_TRUE(fourth.closed());
  ASSERT_TRUE(third.send(get("/a")));
  EXPECT_TRUE(third.receive_all().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(server.stats().closed_unread.load(), 1u);
  EXPECT_EQ(server.stats().refused[static_cast<std::size_t>(Refusal::Overload)].load(), 1u);
}

TEST(Server, takes_so_many_connections_of_one_source) {
  Limits limits = short_limits();
  limits.connections_per_source_max = 1;
  Server server(limits);
  {
    RawClient first(server.port());
    ASSERT_TRUE(first.send(get("/a")));
    EXPECT_EQ(body_of(first.answer()), "/a");
    RawClient second(server.port());
    EXPECT_TRUE(second.closed());
  }
  while (server.stats().open.load() > 0) std::this_thread::sleep_for(5ms);
  RawClient third(server.port());
  ASSERT_TRUE(third.send(get("/a")));
  EXPECT_EQ(body_of(third.answer()), "/a");
}

TEST(Server, a_stop_finishes_what_is_under_way_and_closes_the_rest) {
  Server server;
  RawClient idle(server.port()), busy(server.port());
  ASSERT_TRUE(idle.send(get("/a")));
  EXPECT_EQ(body_of(idle.answer()), "/a");
  ASSERT_TRUE(busy.send(get("/sleep") + get("/never")));
  while (server.handler.seen().size() < 2) std::this_thread::sleep_for(5ms);
  std::thread stopping([&server] { server.workers().stop(2s); });
  EXPECT_TRUE(idle.closed());
  const std::string answer = busy.receive_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_TRUE(has(answer, "\r\nConnection: close\r\n"));
  EXPECT_TRUE(answer.ends_with("awake"));
  stopping.join();
  EXPECT_FALSE(RawClient(server.port()).connected());
  EXPECT_EQ(server.handler.seen(), (std::vector<std::string>{"GET /a", "GET /sleep"}));
}

TEST(Server, a_stop_cuts_off_who_does_not_end) {
  Server server;
  RawClient reader(server.port());
  ASSERT_TRUE(reader.send(get("/size/50000000")));
  EXPECT_EQ(reader.receive(10), "HTTP/1.1 2");
  const auto start = std::chrono::steady_clock::now();
  server.workers().stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  EXPECT_LT(reader.receive_all().size(), 50'000'000u);
}

TEST(Server, spreads_connections_over_its_workers) {
  Server server;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(server.client());
    ASSERT_TRUE(clients.back()->send(get("/a")));
    EXPECT_EQ(body_of(clients.back()->answer()), "/a");
  }
  EXPECT_EQ(server.workers()[0].connections.load(), 4u);
  EXPECT_EQ(server.workers()[1].connections.load(), 4u);
}

}  // namespace
}  // namespace beffroi::http
