// Tests of the parts without sockets: values, decimals, JSON, the followers, heartbeats, holds and open requests.
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <tws_bridge/calls.hpp>
#include <tws_bridge/decimal.hpp>
#include <tws_bridge/follow.hpp>
#include <tws_bridge/hold.hpp>
#include <tws_bridge/json.hpp>
#include <tws_bridge/order.hpp>
#include <tws_bridge/orderlog.hpp>

using namespace tws_bridge;
using namespace std::chrono_literals;

namespace {

int failures = 0;

template <class A, class B> void expect_equal(const A& got, const B& expected, const char* text, int line) {
    if (got == expected) return;
    ++failures;
    std::cerr << "unit.cpp:" << line << ": " << text << "\n";
    if constexpr (std::is_convertible_v<A, Value> && std::is_convertible_v<B, Value>) {
        std::cerr << "  got " << Value(got) << ", expected " << Value(expected) << "\n";
    }
}

template <class Error> void throws(const std::function<void()>& action, const std::string& part, int line) {
    try {
        action();
    } catch (const Error& error) {
        if (std::string(error.what()).find(part) != std::string::npos) return;
        std::cerr << "unit.cpp:" << line << ": another text: " << error.what() << "\n";
        ++failures;
        return;
    }
    ++failures;
    std::cerr << "unit.cpp:" << line << ": nothing was thrown\n";
}

#define EQUAL(got, expected) expect_equal((got), (expected), #got " == " #expected, __LINE__)
#define CHECK(is_true) expect_equal(static_cast<bool>(is_true), true, #is_true, __LINE__)
#define THROWS(Error, part, action) throws<Error>([&] { static_cast<void>(action); }, part, __LINE__)

// Values

void a_value_is_built_and_read() {
    const Value value = Map{{"contract", Map{{"conId", 265598}, {"exchange", "SMART"}}},
                            {"price", 187.5},
                            {"legs", List{1, "two", nullptr}},
                            {"isLive", true}};
    EQUAL(value["contract"]["conId"].as<int>(), 265598);
    EQUAL(value["contract"]["exchange"].as<std::string>(), "SMART");
    EQUAL(value["price"].as<double>(), 187.5);
    EQUAL(value["isLive"].as<bool>(), true);
    EQUAL(value["legs"].at(1).text(), "two");
    CHECK(value["legs"].at(2).is_nil());
    CHECK(value["absent"]["deeper"].is_nil());
    EQUAL(value["absent"].value_or(7), 7);
    EQUAL(value["absent"].value_or("none"), "none");
    CHECK(!value["absent"].maybe<int>());
    EQUAL(value["price"].maybe<double>().value(), 187.5);
    EQUAL(Value(Map{{"a", 1}, {"b", 2}}), Value(Map{{"b", 2}, {"a", 1}}));
    CHECK(Value(Map{{"a", 1}}) != Value(Map{{"b", 1}}));
    const std::optional<int> nothing;
    CHECK(Value(nothing).is_nil());
    EQUAL(Value(std::optional<int>(3)), Value(3));
    THROWS(ValueError, "expected a string, got a float", value["price"].text());
    THROWS(ValueError, "expected a number, got nil", value["absent"].as<double>());
    THROWS(ValueError, "expected a number, got a string", value["contract"]["exchange"].value_or(1.0));
    THROWS(ValueError, "has no element 3", value["legs"].at(3));
}

void integers_keep_their_digits_and_must_fit() {
    const std::int64_t ts = 1'760'000'000'123'456'789;
    EQUAL(decode(encode(ts)).as<std::int64_t>(), ts);
    EQUAL(to_json(ts), "1760000000123456789");
    EQUAL(from_json("1760000000123456789").as<std::int64_t>(), ts);
    const std::uint64_t huge = 18'446'744'073'709'551'615U;
    EQUAL(decode(encode(huge)).as<std::uint64_t>(), huge);
    EQUAL(from_json(to_json(huge)), Value(huge));
    EQUAL(Value(std::uint64_t{5}), Value(5));
    EQUAL(Value(3.0).as<int>(), 3);
    EQUAL(Value(3).as<double>(), 3.0);
    THROWS(ValueError, "does not fit", Value(huge).as<std::int64_t>());
    THROWS(ValueError, "does not fit", Value(-1).as<std::uint64_t>());
    THROWS(ValueError, "does not fit", Value(70'000).as<std::int16_t>());
    THROWS(ValueError, "expected an integer", Value(3.5).as<int>());
    THROWS(ValueError, "expected an integer", Value(true).as<int>());
}

void msgpack_is_read_as_it_was_written() {
    const Value value = Map{{"nil", nullptr},
                            {"bool", false},
                            {"negative", -40'000},
                            {"whole", 100.0},
                            {"tiny", 5e-324},
                            {"text", "\xc3\xbc"},
                            {"bytes", Bytes{{0, 255}}},
                            {"list", List{List{}, Map{}}}};
    EQUAL(decode(encode(value)), value);
    CHECK(decode(encode(100.0)).is_float());
    EQUAL(encode(100.0), std::string("\xcb\x40\x59\0\0\0\0\0\0", 9));
    THROWS(CodecError, "no msgpack", decode("\xa5" "ab"));
    THROWS(CodecError, "behind", decode("\x01\x02"));
    THROWS(CodecError, "key that is no string", decode("\x81\x01\x02"));
    THROWS(CodecError, "type", decode(std::string("\xd4\x01\x02", 3)));
    THROWS(CodecError, "no msgpack", decode(std::string(200, '\x91')));
}

void what_the_wire_does_not_have_is_refused() {
    const auto body = [](Value value) { return Value(Map{{"params", Map{{"legs", List{1, std::move(value)}}}}}); };
    for (const char* text : {"", "a", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
        EQUAL(decode(encode(body(text))), body(text));
    }
    for (const char* text : {"M\xfcller", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\x80"}) {
        THROWS(ValueError, "params.legs.1: the text is not UTF-8", encode(body(text)));
        THROWS(ValueError, "the key is not UTF-8", encode(Map{{text, 1}}));
    }
    THROWS(ValueError, "order.qty: the map has this key twice", encode(Map{{"order", Map{{"qty", 1}, {"qty", 2}}}}));
}

void a_timeout_is_above_zero_and_at_most_ten_minutes() {
    RequestOptions options(600s);
    options.timeout(std::chrono::microseconds(1)).timeout(2.5s);
    THROWS(ValueError, "timeout: expected above 0", options.timeout(0s));
    THROWS(ValueError, "timeout: expected above 0", options.timeout(-1s));
    THROWS(ValueError, "timeout: expected above 0", options.timeout(601s));
    THROWS(ValueError, "timeout: expected above 0", options.timeout(milliseconds::max()));
    THROWS(ValueError, "timeout: expected above 0", options.timeout(std::chrono::hours::max()));
}

void json_is_written_and_read() {
    const std::string text = R"({"a":[1,-2.5,true,null,"\"\\\n\u0001"],"b":{},"c":[]})";
    EQUAL(to_json(from_json(text)), text);
    EQUAL(from_json(R"( "\u00fc\ud83d\ude00\/" )").text(), "\xc3\xbc\xf0\x9f\x98\x80/");
    EQUAL(to_json(0.1), "0.1");
    EQUAL(to_json(100.0), "100.0");
    EQUAL(to_json(Bytes{{1, 171}}), R"({"$bytes":"01ab"})");
    for (const char* wrong : {"", "{", "[1,]", "{\"a\"}", "1 2", "\"a", "tru", "{1:2}", "1.2.3", "\"\\x\"",
                              "18446744073709551616", "-9223372036854775809", "{\"a\":1,\"a\":2}"}) {
        THROWS(ValueError, "JSON, at character", from_json(wrong));
    }
}

void decimals_are_exact() {
    const auto sum = [](const char* a, const char* b) { return (Decimal(a) + Decimal(b)).text(); };
    EQUAL(sum("0.1", "0.2"), "0.3");
    EQUAL(sum("999.95", "0.05"), "1000");
    EQUAL(sum("1", "-1.0"), "0");
    EQUAL(sum("-5", "3"), "-2");
    EQUAL(sum("5", "-12.5"), "-7.5");
    EQUAL(sum("12345678901234567890.123456789", "0.000000001"), "12345678901234567890.12345679");
    EQUAL(Decimal("1E+5").text(), "100000");
    EQUAL(Decimal("15e-3").text(), "0.015");
    EQUAL(Decimal("-0.00").text(), "0");
    EQUAL(Decimal("007.50").text(), "7.5");
    EQUAL(Decimal(".5").text(), "0.5");
    EQUAL(Decimal("100"), Decimal("100.0"));
    CHECK(Decimal("-1") < Decimal("0.5") && Decimal("10") > Decimal("9.99") && Decimal("2") <= Decimal("2.0"));
    EQUAL(Decimal("0.25").to_double(), 0.25);
    EQUAL(Value(Decimal("0.50")), Value("0.5"));
    EQUAL(Value("300").as<Decimal>(), Decimal("300"));
    for (const char* wrong : {"", "-", ".", "1.2.3", "NaN", "inf", "1e", "1e9999", " 1"}) {
        THROWS(ValueError, "decimal", Decimal(wrong));
    }
}

// The follower

Event event(std::uint64_t seq, const std::string& topic = "market.1.tick", const std::string& epoch = "e1") {
    const auto name = topic.substr(topic.rfind('.') + 1);
    return Event::read(topic, Map{{"v", 1}, {"epoch", epoch}, {"seq", seq}, {"ts", 1}, {"event", name}, {"data", Map{}}});
}

/// A follower with what it asked for, and what it yielded as short words.
struct Desk {
    explicit Desk(std::vector<std::string> prefixes = {"market."})
        : follower(std::move(prefixes), [this] { return "n" + std::to_string(++nonces); }) {
        follower.start(now);
        collect();
    }

    void collect() {
        for (auto& command : follower.commands()) commands.push_back(std::move(command));
        for (auto& update : follower.updates()) said.push_back(word(update));
    }

    static std::string word(const Update& update) {
        const auto numbered = [](const char* word, const Event& one) { return word + std::to_string(one.seq); };
        return std::visit(overloaded{
                              [&](const Live& one) { return numbered("live ", one); },
                              [&](const Snapshot& one) { return numbered(one.is_stale ? "old " : "value ", one); },
                              [&](const Recovered& one) { return numbered(one.is_new ? "new " : "again ", one); },
                              [](const Gap& one) { return "gap " + one.reason; },
                              [](const Synced& one) { return "synced " + one.epoch; },
                              [](const Stale& one) { return "stale " + one.prefix + " " + one.reason; },
                              [](const Fresh& one) { return "fresh " + one.prefix; },
                              [](const Ended& one) { return "ended " + one.prefix + " " + one.reason; },
                          },
                          update);
    }

    void hear(Event one) {
        follower.on_event(std::move(one), now);
        collect();
    }
    void live(std::uint64_t seq, const std::string& topic = "market.1.tick", const std::string& epoch = "e1") {
        hear(event(seq, topic, epoch));
    }
    void beat(std::uint64_t seq, const std::string& epoch = "e1") { live(seq, "system.heartbeat", epoch); }
    void marker() { hear(event(1, "sync." + asked().params["nonce"].text())); }
    void reply(std::optional<Value> result) {
        follower.on_reply(asked().token, result, now);
        collect();
    }
    void snapshot(Map sequences, List events = {}, const std::string& epoch = "e1", Map floors = {}, List gaps = {}) {
        reply(Map{{"epoch", epoch}, {"sequences", sequences}, {"floors", floors}, {"events", events}, {"gaps", gaps}});
    }
    void numbers(Map sequences, const std::string& epoch = "e1", Map floors = {}) {
        reply(Map{{"epoch", epoch}, {"sequences", sequences}, {"floors", floors}});
    }
    void join(Map sequences = {}, const std::string& epoch = "e1", Map floors = {}) {
        marker();
        snapshot(std::move(sequences), {}, epoch, std::move(floors));
    }
    void wait(milliseconds time) {
        now += time;
        follower.on_timer(now);
        collect();
    }

    [[nodiscard]] Ask asked() const {
        for (auto one = commands.rbegin(); one != commands.rend(); ++one) {
            if (const auto* ask = std::get_if<Ask>(&*one)) return *ask;
        }
        return {};
    }
    [[nodiscard]] std::size_t count(const std::string& method) const {
        std::size_t count = 0;
        for (const auto& one : commands) {
            const auto* ask = std::get_if<Ask>(&one);
            count += ask != nullptr && ask->method == method;
        }
        return count;
    }
    std::vector<std::string> heard() { return std::exchange(said, {}); }

    int nonces = 0;
    Time now{100s};
    std::vector<Command> commands;
    std::vector<std::string> said;
    Follower follower;
};

using Words = std::vector<std::string>;

Value entry(std::uint64_t seq, const std::string& topic = "market.1.tick", bool is_stale = false) {
    Map one{{"topic", topic}, {"seq", seq}, {"ts", 1}, {"event", "tick"}, {"data", Map{}}};
    if (is_stale) one.set("stale", true);
    return one;
}

void it_subscribes_then_asks_for_a_snapshot_with_its_marker() {
    Desk desk;
    EQUAL(desk.commands.size(), 4U);
    EQUAL(std::get<Subscribe>(desk.commands[0]).topic, "system.heartbeat");
    EQUAL(std::get<Subscribe>(desk.commands[1]).topic, "market.");
    EQUAL(std::get<Subscribe>(desk.commands[2]).topic, "sync.n1");
    EQUAL(desk.asked().method, "snapshot");
    EQUAL(Value(desk.asked().params), Value(Map{{"prefix", "market."}, {"nonce", "n1"}}));
}

void what_came_meanwhile_waits_for_snapshot_and_marker(bool marker_first) {
    Desk desk;
    desk.live(4);
    desk.live(5);
    const auto snapshot = [&] { desk.snapshot({{"market.1.tick", 5}}, {entry(3), entry(5)}); };
    if (marker_first) desk.marker(); else snapshot();
    desk.live(6);
    EQUAL(desk.heard().size(), 0U);
    CHECK(!desk.follower.is_live());
    if (marker_first) snapshot(); else desk.marker();
    desk.live(7);
    desk.live(7);
    CHECK((desk.heard() == Words{"value 3", "value 5", "synced e1", "live 6", "live 7"}));
    CHECK(desk.follower.is_live());
    EQUAL(std::get<Unsubscribe>(desk.commands.back()).topic, "sync.n1");
}

void a_snapshot_without_its_marker_is_asked_for_again() {
    Desk desk;
    desk.snapshot({{"market.1.tick", 5}});
    desk.wait(100ms);
    EQUAL(desk.count("snapshot"), 1U);
    desk.wait(150ms);
    EQUAL(desk.count("snapshot"), 2U);
    desk.marker(); // of either of them: but the reply that counts is that to the newest request
    EQUAL(desk.heard().size(), 0U);
    desk.snapshot({{"market.1.tick", 6}});
    desk.live(7);
    CHECK((desk.heard() == Words{"synced e1", "live 7"}));
}

void a_failed_or_lost_snapshot_is_asked_for_again() {
    Desk desk;
    desk.reply(std::nullopt);
    desk.wait(250ms);
    EQUAL(desk.count("snapshot"), 2U);
    desk.wait(4'999ms);
    EQUAL(desk.count("snapshot"), 2U);
    desk.wait(1ms);
    EQUAL(desk.count("snapshot"), 3U);
}

void a_hole_is_a_gap_and_the_snapshot_is_told_again() {
    Desk desk;
    desk.join({{"market.1.tick", 5}});
    desk.live(8);
    CHECK((desk.heard() == Words{"synced e1", "gap 2 events were lost on market.1.tick"}));
    CHECK(!desk.follower.is_live());
    desk.marker();
    desk.snapshot({{"market.1.tick", 7}, {"market.2.tick", 1}}, {entry(5), entry(7), entry(1, "market.2.tick")});
    CHECK((desk.heard() == Words{"again 5", "new 7", "new 1", "synced e1", "live 8"}));
}

void a_topic_begins_one_above_its_floor() {
    Desk desk;
    desk.join({}, "e1", {{"market", 57}});
    desk.live(58, "market.9.tick");
    EQUAL(desk.heard().back(), "live 58");
    desk.live(60, "market.8.tick");
    EQUAL(desk.heard().back(), "gap 2 events were lost on market.8.tick");
}

void a_new_epoch_is_a_gap_and_nothing_of_the_old_one_follows() {
    Desk desk;
    desk.join({{"market.1.tick", 5}});
    desk.live(1, "market.1.tick", "e2");
    desk.live(6);
    desk.marker();
    desk.snapshot({{"market.1.tick", 1}}, {entry(1)}, "e2");
    desk.live(2, "market.1.tick", "e2");
    CHECK((desk.heard() == Words{"synced e1", "gap the bridge has restarted", "new 1", "synced e2", "live 2"}));
}

void a_comparison_finds_the_loss_of_the_last_event() {
    Desk desk;
    desk.beat(1);
    desk.join({{"market.1.tick", 5}});
    desk.wait(4s);
    desk.beat(2);
    desk.wait(1s);
    EQUAL(desk.asked().method, "sequences");
    desk.numbers({{"market.1.tick", 6}, {"market.2.tick", 1}});
    desk.live(6);
    desk.wait(1s);
    CHECK((desk.heard() == Words{"synced e1", "live 6", "gap the last events on market.2.tick were lost"}));
}

void a_comparison_waits_for_what_is_on_its_way() {
    Desk desk;
    desk.join({{"market.1.tick", 5}});
    desk.beat(1);
    desk.wait(4s);
    desk.beat(2);
    desk.wait(1s);
    desk.numbers({{"market.1.tick", 6}});
    desk.live(6);
    desk.wait(1s);
    desk.beat(3);
    desk.wait(4s);
    CHECK((desk.heard() == Words{"synced e1", "live 6"}));
    EQUAL(desk.count("snapshot"), 1U);
}

void a_comparison_finds_another_epoch_and_other_floors() {
    for (const auto& [epoch, floors, reason] :
         {std::tuple{"e2", Map{}, "the bridge has restarted"},
          std::tuple{"e1", Map{{"market", 3}}, "the bridge has forgotten the numbers of old topics"}}) {
        Desk desk;
        desk.join();
        desk.beat(1);
        desk.wait(4s);
        desk.beat(2);
        desk.wait(1s);
        desk.numbers({}, epoch, floors);
        EQUAL(desk.heard().back(), std::string("gap ") + reason);
    }
}

void a_reconnect_is_a_gap() {
    Desk desk;
    desk.join();
    desk.follower.on_reconnect(desk.now);
    desk.collect();
    desk.follower.on_reconnect(desk.now); // while it joins: no second gap
    desk.collect();
    CHECK((desk.heard() == Words{"synced e1", "gap the client has reconnected to the bridge"}));
    EQUAL(desk.count("snapshot"), 2U);
}

void heartbeats_show_holes_and_silence() {
    Desk desk;
    desk.beat(7);
    desk.join();
    desk.beat(8);
    EQUAL(desk.heard().back(), "synced e1");
    desk.beat(10);
    EQUAL(desk.heard().back(), "gap the heartbeats of the bridge have a hole");
    desk.join();
    desk.wait(5s);
    EQUAL(desk.heard().back(), "stale market. bridgeSilent");
    desk.wait(10s);
    EQUAL(desk.heard().size(), 0U);
    desk.wait(5s);
    CHECK(std::holds_alternative<Reconnect>(desk.commands[desk.commands.size() - 2]) ||
          std::holds_alternative<Reconnect>(desk.commands.back()));
    desk.beat(11);
    CHECK((desk.heard() == Words{"gap the bridge was not heard for a while", "fresh market."}));
}

void a_bridge_that_is_never_heard_is_silent() {
    Desk desk;
    desk.wait(4'999ms);
    EQUAL(desk.heard().size(), 0U);
    EQUAL(desk.follower.next_timer(), desk.now + 1ms);
    desk.wait(1ms);
    CHECK((desk.heard() == Words{"stale market. bridgeSilent"}));
    desk.beat(1);
    desk.join();
    CHECK((desk.heard() == Words{"fresh market.", "synced e1"}));
}

void staleness_is_told_live_and_by_snapshots() {
    Desk desk;
    const Map gap{{"topic", "market.1."}, {"reason", "farm"}, {"since", 5}};
    desk.marker();
    desk.snapshot({}, {entry(1, "market.1.tick", true)}, "e1", {}, {gap});
    CHECK((desk.heard() == Words{"stale market.1. farm", "old 1", "synced e1"}));
    desk.live(1, "market.1.fresh");
    desk.live(1, "market.2.stale");
    CHECK((desk.heard() == Words{"fresh market.1.", "stale market.2. "}));
    desk.live(3, "market.2.stale"); // a hole: perhaps a fresh is lost
    desk.marker();
    desk.snapshot({{"market.2.stale", 3}, {"market.2.fresh", 1}}, {}, "e1", {}, {gap});
    EQUAL(desk.said[1], "fresh market.2.");
    EQUAL(desk.said[2], "stale market.1. farm");
    desk.heard();
    desk.live(1, "market.1.ended");
    EQUAL(desk.heard().back(), "ended market.1. ");
}

void prefixes_that_others_cover_are_one() {
    Desk desk({"market.1.", "market.", "system.", "market."});
    EQUAL(desk.count("snapshot"), 2U);
}

void another_version_of_the_contract_is_an_error() {
    THROWS(BridgeError, "otherVersion", Event::read("market.1.tick", Map{{"v", 2}, {"event", "tick"}}));
    THROWS(ValueError, "expected an integer", Event::read("t", Map{{"v", 1}, {"seq", "x"}, {"event", "tick"}}));
    const auto one = Event::read("t", Map{{"v", 1}, {"event", "e"}, {"re", "4f-1"}, {"n", 3}, {"later", 1}});
    EQUAL(one.more["re"].text(), "4f-1");
    EQUAL(one.more["later"].as<int>(), 1);
    EQUAL(one.n.value(), 3U);
}

// The order log

struct Consumer {
    explicit Consumer(std::optional<LogPosition> begin = std::nullopt) : follower("alice", std::move(begin)) {
        follower.start(now);
        collect();
    }

    void collect() {
        for (auto& command : follower.commands()) {
            if (const auto* ask = std::get_if<Ask>(&command)) asks.push_back(*ask);
        }
        for (auto& event : follower.updates()) {
            taken.push_back(event.is_gap() ? "gap" : std::to_string(event.position.n));
            position = event.position;
        }
    }

    void hear(std::uint64_t n, const std::string& epoch = "e1") {
        Map body{{"v", 1}, {"epoch", epoch}, {"seq", n}, {"ts", 1}, {"event", "x"}, {"data", Map{}}, {"n", n}};
        follower.on_event(Event::read("order.alice.k.x", body), now);
        collect();
    }
    void head(std::uint64_t n, const std::string& log = "log-1") {
        Map body{{"epoch", "e1"}, {"event", "head"}, {"data", Map{{"log", log}, {"head", n}}}};
        follower.on_event(Event::read("order.alice.head", body), now);
        collect();
    }
    /// Answer the newest question from a log of `size` events, at most `most` at a time.
    void answer(std::uint64_t size, const std::string& log = "log-1", std::uint64_t most = 500,
                const std::string& epoch = "e1") {
        List events;
        const auto after = asks.back().params["after"].as<std::uint64_t>();
        for (auto n = after + 1; n <= std::min(size, after + most); ++n) {
            events.push_back(Map{{"n", n}, {"ts", 1}, {"topic", "order.alice.k.x"}, {"event", "x"}, {"data", Map{}}});
        }
        follower.on_reply(asks.back().token, Map{{"epoch", epoch}, {"log", log}, {"head", size}, {"events", events}}, now);
        collect();
    }

    Time now{100s};
    std::vector<Ask> asks;
    Words taken;
    std::optional<LogPosition> position;
    LogFollower follower;
};

void first_the_log_is_read_then_what_follows_is_taken() {
    Consumer consumer;
    EQUAL(Value(consumer.asks.back().params), Value(Map{{"after", 0}, {"limit", 500}}));
    consumer.hear(2); // while it reads: the log has it, too
    consumer.answer(2, "log-1", 1);
    EQUAL(consumer.asks.size(), 2U);
    consumer.answer(2);
    consumer.hear(3);
    consumer.hear(3);
    CHECK((consumer.taken == Words{"1", "2", "3"}));
    CHECK((*consumer.position == LogPosition{"log-1", 3}));
    EQUAL(consumer.asks.size(), 2U);
    CHECK(consumer.follower.is_live());
}

void a_jump_a_head_a_reconnect_and_another_epoch_are_read() {
    Consumer consumer(LogPosition{"log-1", 3});
    consumer.answer(3);
    consumer.hear(5);
    consumer.answer(5);
    consumer.head(6);
    consumer.answer(6);
    consumer.hear(7, "e2");
    consumer.answer(7, "log-1", 500, "e2");
    consumer.hear(8, "e2");
    consumer.head(8);
    EQUAL(consumer.asks.size(), 4U);
    consumer.follower.on_reconnect(consumer.now);
    consumer.collect();
    EQUAL(consumer.asks.size(), 5U);
    CHECK((consumer.taken == Words{"4", "5", "6", "7", "8"}));
}

void an_unanswered_reading_is_asked_again_and_its_late_answer_ignored() {
    Consumer consumer;
    const auto first = consumer.asks.back();
    consumer.now += 5s;
    consumer.follower.on_timer(consumer.now);
    consumer.collect();
    EQUAL(consumer.asks.size(), 2U);
    consumer.follower.on_reply(first.token, Map{{"epoch", "e1"}, {"log", "x"}, {"head", 0}, {"events", List{}}}, consumer.now);
    consumer.follower.on_reply(consumer.asks.back().token, std::nullopt, consumer.now);
    EQUAL(consumer.follower.next_timer(), consumer.now + 1s);
    consumer.now += 1s;
    consumer.follower.on_timer(consumer.now);
    consumer.collect();
    consumer.answer(1);
    CHECK((consumer.taken == Words{"1"}));
}

void another_log_is_a_gap_and_read_from_its_beginning() {
    Consumer consumer(LogPosition{"log-1", 3});
    consumer.answer(5, "log-2"); // what it asked for is behind number 3 of another log
    EQUAL(consumer.asks.back().params["after"].as<int>(), 0);
    consumer.answer(5, "log-2");
    CHECK((consumer.taken == Words{"gap", "1", "2", "3", "4", "5"}));
}

void a_log_that_was_set_back_is_a_gap() {
    Consumer consumer(LogPosition{"log-1", 9});
    consumer.answer(4);
    consumer.hear(5);
    CHECK((consumer.taken == Words{"gap", "5"}));
    consumer.head(2);
    consumer.answer(2);
    EQUAL(consumer.taken.back(), "gap");
    EQUAL(consumer.position->n, 2U);
}

void an_event_that_is_known_is_not_taken_again() {
    Consumer consumer(LogPosition{"log-1", 3});
    consumer.asks.back().params.set("after", 1); // the bridge tells more than it was asked for
    consumer.answer(4);
    consumer.hear(4);
    CHECK((consumer.taken == Words{"4"}));
}

// Holds

struct Held {
    Held() : keeper("reqMktData", Map{{"contract", Map{{"conId", 1}}}}, "market.1.") {}

    Value status(bool held) const {
        const Map one{{"topic", "market.1."}, {"method", "reqMktData"}, {"held", held}};
        const Map other{{"topic", "market.1."}, {"method", "reqRealTimeBars"}, {"held", true}};
        return Map{{"streams", List{other, one}}};
    }
    void look() {
        for (auto& ask : keeper.commands()) asks.push_back(ask);
    }

    Time now{100s};
    HoldKeeper keeper;
    std::vector<Ask> asks;
};

void after_a_loss_it_looks_whether_the_stream_is_held() {
    Held held;
    held.keeper.on_loss();
    held.look();
    EQUAL(held.asks.back().method, "status");
    held.keeper.on_result(held.asks.back().token, held.status(true));
    held.look();
    EQUAL(held.asks.size(), 1U);
    CHECK(held.keeper.state() == HoldKeeper::State::held);
    held.keeper.on_loss();
    held.look();
    held.keeper.on_result(held.asks.back().token, held.status(false));
    held.look();
    EQUAL(held.asks.back().method, "reqMktData");
    held.keeper.on_loss(); // the answer may be older than this loss
    held.keeper.on_result(held.asks.back().token, Map{{"topic", "market.1."}});
    held.look();
    EQUAL(held.asks.back().method, "status");
}

void an_ended_stream_is_asked_for_again_until_that_makes_no_sense() {
    Held held;
    held.keeper.on_ended(held.now);
    held.look();
    EQUAL(held.asks.size(), 0U);
    held.keeper.on_timer(held.now + 1s);
    held.look();
    EQUAL(held.asks.back().method, "reqMktData");
    CHECK(held.keeper.on_error(held.asks.back().token, BridgeError("linesExhausted", ""), held.now));
    EQUAL(held.keeper.next_timer(), held.now + 1s);
    held.keeper.on_timer(held.now + 1s);
    held.look();
    EQUAL(held.asks.size(), 2U);
    CHECK(held.keeper.on_error(held.asks.front().token, BridgeError("invalidParams", ""), held.now)); // an old one
    CHECK(!held.keeper.on_error(held.asks.back().token, BridgeError("rejectedByTws", ""), held.now));
    held.keeper.on_ended(held.now);
    held.keeper.on_loss();
    held.look();
    EQUAL(held.asks.size(), 2U);
}

void a_stream_that_comes_back_under_another_topic_is_an_error() {
    Held held;
    held.keeper.on_loss();
    held.look();
    held.keeper.on_result(held.asks.back().token, held.status(false));
    held.look();
    THROWS(BridgeError, "topicChanged", held.keeper.on_result(held.asks.back().token, Map{{"topic", "market.2."}}));
}

// Open requests

struct Desktop {
    explicit Desktop(std::optional<std::string> instance = std::nullopt) : calls("alice", std::move(instance)) {}

    void reply(const Call& call, Map more) {
        Map body{{"v", 1}, {"id", call.id}};
        for (const auto& [key, value] : more) body.append(key, value);
        calls.on_reply(encode(body));
    }

    Time now{100s};
    Calls calls;
};

void a_request_says_what_it_must_and_is_answered_by_its_id() {
    Desktop desk;
    const auto one = desk.calls.make("ping", {}, 10s, desk.now);
    const auto other = desk.calls.make("status", Map{{"a", 1}}, RequestOptions(1s).id("mine").no_wait().fresh(), desk.now);
    const auto sent = decode(other->body);
    EQUAL(sent, Value(Map{{"v", 1}, {"id", "mine"}, {"client", "alice"}, {"method", "status"},
                          {"params", Map{{"a", 1}}}, {"timeout", 0.7}, {"wait", false}, {"fresh", true}}));
    EQUAL(sent.map().begin()->key, "id");
    EQUAL(decode(one->body)["timeout"].as<double>(), 8.5);
    desk.reply(*other, {{"ok", true}, {"result", 7}});
    EQUAL(other->result(), Value(7));
    CHECK(!one->is_over());
    desk.reply(*one, {{"part", 1}, {"result", 1}});
    CHECK(!one->is_over());
    desk.reply(*one, {{"ok", false}, {"error", Map{{"code", "rejectedByTws"}, {"message", "no"}, {"twsCode", 201}}}});
    THROWS(BridgeError, "rejectedByTws (TWS 201): no", one->result());
    CHECK(desk.calls.make("ping", {}, 1s, desk.now)->id != one->id);
    CHECK(Desktop().calls.make("ping", {}, 1s, desk.now)->id != one->id);
}

void without_an_answer_it_is_sent_again_and_then_given_up() {
    Desktop desk;
    const auto call = desk.calls.make("ping", {}, 12s, desk.now);
    EQUAL(desk.calls.next_timer(), desk.now + 5s);
    EQUAL(desk.calls.again(desk.now + 4'999ms).size(), 0U);
    EQUAL(desk.calls.again(desk.now + 5s).front()->body, call->body);
    EQUAL(desk.calls.again(desk.now + 5s).size(), 0U);
    EQUAL(desk.calls.late(desk.now + 11'999ms).size(), 0U);
    EQUAL(desk.calls.late(desk.now + 12s).front()->id, call->id);
    EQUAL(desk.calls.next_timer(), Time::max());
}

void what_has_not_left_is_due_when_the_client_is_connected_or_soon() {
    Desktop desk;
    const auto call = desk.calls.make("ping", {}, 12s, desk.now);
    Calls::on_unsent(*call, desk.now);
    EQUAL(desk.calls.again(desk.now + 99ms).size(), 0U);
    EQUAL(desk.calls.again(desk.now + 99ms, true).size(), 1U);
    EQUAL(desk.calls.again(desk.now + 100ms, true).size(), 0U);
    Calls::on_unsent(*call, desk.now);
    EQUAL(desk.calls.again(desk.now + 100ms).size(), 1U);
}

void what_changes_something_expires_before_the_caller_gives_it_up() {
    Desktop desk;
    const auto expires = [&](const char* method, Map params = {}) {
        return decode(desk.calls.make(method, std::move(params), 30s, desk.now)->body)["expires"];
    };
    const auto utc = [] {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    };
    const auto before = utc();
    for (const auto* method : {"placeOrder", "placeOrders", "modifyOrder", "exerciseOptions", "resume"}) {
        const auto at = expires(method).as<std::int64_t>();
        CHECK(at >= before + 28'500'000'000);
        CHECK(at <= utc() + 28'500'000'000);
    }
    CHECK(!expires("reqMktData", {{"regulatorySnapshot", true}}).is_nil());
    for (const auto* method : {"ping", "status", "reqMktData", "cancelOrder", "cancelMine", "reqGlobalCancel"}) {
        CHECK(expires(method).is_nil());
    }
}

void a_quiet_client_says_ping_and_one_with_an_instance_hello() {
    Desktop quiet;
    CHECK(!quiet.calls.keep_alive(quiet.now));
    CHECK(!quiet.calls.keep_alive(quiet.now + 9s));
    quiet.calls.make("status", {}, 1s, quiet.now + 9s);
    CHECK(!quiet.calls.keep_alive(quiet.now + 18s));
    EQUAL(decode(quiet.calls.keep_alive(quiet.now + 19s)->body)["method"].text(), "ping");
    CHECK(!quiet.calls.take_long_silence());
    quiet.calls.make("status", {}, 1s, quiet.now + 60s);
    CHECK(quiet.calls.take_long_silence());
    CHECK(!quiet.calls.take_long_silence());
    Desktop named("run-1");
    const auto hello = decode(named.calls.keep_alive(named.now)->body);
    EQUAL(hello["method"].text(), "hello");
    EQUAL(hello["instance"].text(), "run-1");
    named.calls.make("status", {}, 1s, named.now + 9s);
    CHECK(named.calls.keep_alive(named.now + 10s));
}

void a_fenced_run_knows_it_for_good() {
    Desktop desk("run-1");
    const auto call = desk.calls.make("hello", {}, 1s, desk.now);
    desk.reply(*call, {{"ok", false}, {"error", Map{{"code", "fenced"}, {"message", "a newer run"}}}});
    THROWS(BridgeError, "fenced", desk.calls.check());
    CHECK(!desk.calls.keep_alive(desk.now + 60s));
}

void an_error_says_when_a_retry_may_help() {
    const auto after = [](const char* code, Value data = {}) {
        const auto time = BridgeError(code, "", std::nullopt, std::move(data)).retry_after();
        return time ? static_cast<int>(time->count()) : -1;
    };
    EQUAL(after("notConnected"), 1000);
    EQUAL(after("invalidParams"), -1);
    EQUAL(after("neverHeardOf"), -1);
    EQUAL(after("notPermitted", Map{{"rule", "max_orders_per_minute"}, {"wait", 12.5}}), 12'500);
    EQUAL(after("notPermitted", Map{{"rule", "roles"}}), -1);
    EQUAL(after("paced", Map{{"waitSeconds", 0.2}}), 1000);
    const BridgeError rejected("rejectedByTws", "", 201, Map{{"orderKey", "k"}, {"state", "rejected"}, {"filled", "0.5"}});
    EQUAL(OrderFacts::of(rejected)->filled, Decimal("0.5"));
    CHECK(!OrderFacts::of(BridgeError("notTradable", "")));
}

} // namespace

int main() {
    a_value_is_built_and_read();
    integers_keep_their_digits_and_must_fit();
    msgpack_is_read_as_it_was_written();
    what_the_wire_does_not_have_is_refused();
    a_timeout_is_above_zero_and_at_most_ten_minutes();
    json_is_written_and_read();
    decimals_are_exact();
    it_subscribes_then_asks_for_a_snapshot_with_its_marker();
    what_came_meanwhile_waits_for_snapshot_and_marker(true);
    what_came_meanwhile_waits_for_snapshot_and_marker(false);
    a_snapshot_without_its_marker_is_asked_for_again();
    a_failed_or_lost_snapshot_is_asked_for_again();
    a_hole_is_a_gap_and_the_snapshot_is_told_again();
    a_topic_begins_one_above_its_floor();
    a_new_epoch_is_a_gap_and_nothing_of_the_old_one_follows();
    a_comparison_finds_the_loss_of_the_last_event();
    a_comparison_waits_for_what_is_on_its_way();
    a_comparison_finds_another_epoch_and_other_floors();
    a_reconnect_is_a_gap();
    heartbeats_show_holes_and_silence();
    a_bridge_that_is_never_heard_is_silent();
    staleness_is_told_live_and_by_snapshots();
    prefixes_that_others_cover_are_one();
    another_version_of_the_contract_is_an_error();
    first_the_log_is_read_then_what_follows_is_taken();
    a_jump_a_head_a_reconnect_and_another_epoch_are_read();
    an_unanswered_reading_is_asked_again_and_its_late_answer_ignored();
    another_log_is_a_gap_and_read_from_its_beginning();
    an_event_that_is_known_is_not_taken_again();
    a_log_that_was_set_back_is_a_gap();
    after_a_loss_it_looks_whether_the_stream_is_held();
    an_ended_stream_is_asked_for_again_until_that_makes_no_sense();
    a_stream_that_comes_back_under_another_topic_is_an_error();
    a_request_says_what_it_must_and_is_answered_by_its_id();
    without_an_answer_it_is_sent_again_and_then_given_up();
    what_has_not_left_is_due_when_the_client_is_connected_or_soon();
    what_changes_something_expires_before_the_caller_gives_it_up();
    a_quiet_client_says_ping_and_one_with_an_instance_hello();
    a_fenced_run_knows_it_for_good();
    an_error_says_when_a_retry_may_help();
    std::cout << (failures == 0 ? "all tests passed\n" : "tests failed\n");
    return failures == 0 ? 0 : 1;
}
