// The state of a subscriber that joins late and detects lost events. No sockets, no clock.
//
// For each prefix the follower works in this order:
//
// 1. It subscribes to the prefix and to the topic of a marker, whose name nobody else knows.
// 2. It requests a snapshot. The bridge publishes the marker with it.
// 3. It holds back each event until both the snapshot and the marker have arrived.
// 4. It yields the snapshot, Synced, the held events that are newer, and then each event as it arrives.
//
// From then on the `seq` of each topic must rise by one. The follower yields Gap and takes a new snapshot where a number
// is missing; where the epoch is new; where the socket has reconnected; where the bridge has a higher number (it compares
// them every 5 s, because the last event may be the lost one); where the `floors` have changed; and after a hole or a
// silence of the bridge's heartbeats.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "event.hpp"
#include "heartbeat.hpp"

namespace tws_bridge {

namespace detail {

/// 16 characters that nobody guesses.
inline std::string random_token() {
    std::random_device source;
    std::string token;
    for (int i = 0; i < 16; ++i) token += "0123456789abcdef"[source() % 16];
    return token;
}

inline bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

using Numbers = std::unordered_map<std::string, std::uint64_t>;

inline Numbers numbers(const Value& map) {
    Numbers found;
    found.reserve(map.map().size());
    for (const auto& [key, value] : map.map()) found.emplace(key, value.as<std::uint64_t>());
    return found;
}

} // namespace detail

/// Follows all prefixes of one SUB socket. It ignores a prefix that another one covers.
///
/// The caller passes input to `start`, `on_event`, `on_reply`, `on_reconnect` and `on_timer`, and after each call
/// carries out `commands()` and takes `updates()`.
class Follower {
  public:
    /// After this time without the marker, or after a failed request, the follower requests the snapshot again.
    static constexpr milliseconds marker_wait{250};
    /// After this time without a reply the follower sends a new request.
    static constexpr milliseconds reply_wait{5'000};
    /// The time between two comparisons of the numbers.
    static constexpr milliseconds compare_every{5'000};
    /// An event that the bridge has published may arrive so much later; after that it is lost.
    static constexpr milliseconds on_its_way{1'000};

    explicit Follower(std::vector<std::string> prefixes,
                      std::function<std::string()> nonce = detail::random_token)
        : nonce_(std::move(nonce)) {
        std::sort(prefixes.begin(), prefixes.end());
        for (auto& prefix : prefixes) { // sorted: a prefix stands before all that it covers
            const bool is_covered = std::any_of(states_.begin(), states_.end(), [&prefix](const Prefix& one) {
                return detail::starts_with(prefix, one.prefix);
            });
            if (!is_covered) states_.emplace_back(std::move(prefix));
        }
    }

    /// Take the commands to carry out, in order.
    std::vector<Command> commands() { return std::exchange(commands_, {}); }
    /// Take what the subscription yields, in order.
    std::vector<Update> updates() { return std::exchange(updates_, {}); }

    /// Whether every prefix has its snapshot.
    [[nodiscard]] bool is_live() const {
        return std::none_of(states_.begin(), states_.end(), [](const Prefix& one) { return one.joining; });
    }

    /// The time at which to call `on_timer` next.
    [[nodiscard]] Time next_timer() const {
        auto due = heartbeat_.next_timer();
        for (const auto& state : states_) due = std::min(due, state.due);
        return due;
    }

    // Input

    /// Subscribe to all prefixes and request their snapshots.
    void start(Time now) {
        heartbeat_.start(now);
        commands_.push_back(Subscribe{std::string(heartbeat_topic)});
        for (auto& state : states_) {
            commands_.push_back(Subscribe{state.prefix});
            begin(state, now);
        }
    }

    /// Handle one event of the socket.
    void on_event(Event event, Time now) {
        if (event.topic == heartbeat_topic) on_finding(heartbeat_.on_beat(event.epoch, event.seq, now), now);
        if (detail::starts_with(event.topic, "sync.")) {
            on_marker(event.topic.substr(5), now);
            return;
        }
        for (auto& state : states_) {
            if (!detail::starts_with(event.topic, state.prefix)) continue;
            take(state, std::move(event), now);
            return;
        }
    }

    /// Handle the result of an Ask, or nothing if it failed.
    void on_reply(std::uint64_t token, const std::optional<Value>& result, Time now) {
        for (auto& state : states_) {
            if (state.token != token) continue;
            state.token = 0;
            if (!result) {
                state.due = now + marker_wait;
            } else if (state.joining) {
                state.snapshot = *result;
                state.due = now + marker_wait;
                settle(state, now);
            } else {
                compare(state, *result, now);
            }
            return;
        }
    }

    /// Handle a reconnect of the socket. Events published in between are lost.
    void on_reconnect(Time now) {
        heartbeat_.on_reconnect(now);
        join_all(Loss::reconnect, "the client has reconnected to the bridge", now);
    }

    /// Send the requests that are due.
    void on_timer(Time now) {
        on_finding(heartbeat_.on_timer(now), now);
        for (auto& state : states_) {
            if (now < state.due) continue;
            if (state.joining) {
                // The marker proves that the subscription worked when the snapshot was made. Discard an older snapshot.
                state.snapshot.reset();
                ask(state, "snapshot", Map{{"prefix", state.prefix}, {"nonce", state.nonce}}, now);
            } else if (!state.ahead.empty()) {
                catch_up(state, now);
            } else {
                ask(state, "sequences", Map{{"prefix", state.prefix}}, now);
            }
        }
    }

  private:
    struct Prefix {
        explicit Prefix(std::string text) : prefix(std::move(text)) {}

        std::string prefix;
        std::string nonce;
        bool joining = true;
        bool marked = false;
        bool had_gap = false;          // a snapshot was yielded before
        std::optional<Value> snapshot; // while joining
        std::vector<Event> held;       // while joining: what arrives
        detail::Numbers seqs;          // the last number of each topic
        detail::Numbers floors;        // after which number any other topic begins, by its first token
        detail::Numbers ahead;         // numbers of the bridge that are higher than ours
        std::set<std::string> stale;   // the prefixes of streams that TWS does not serve, or may not
        std::string epoch;
        Time due{};
        std::uint64_t token = 0; // of the open request; 0 without one

        [[nodiscard]] std::uint64_t last(const std::string& topic) const {
            if (const auto known = seqs.find(topic); known != seqs.end()) return known->second;
            const auto floor = floors.find(topic.substr(0, topic.find('.')));
            return floor == floors.end() ? 0 : floor->second;
        }
    };

    // Joining

    void begin(Prefix& state, Time now) {
        if (!state.nonce.empty()) commands_.push_back(Unsubscribe{"sync." + state.nonce});
        state.nonce = nonce_();
        state.joining = true;
        state.marked = false;
        state.snapshot.reset();
        state.held.clear();
        state.ahead.clear();
        commands_.push_back(Subscribe{"sync." + state.nonce});
        ask(state, "snapshot", Map{{"prefix", state.prefix}, {"nonce", state.nonce}}, now);
    }

    void join(Prefix& state, Loss loss, std::string reason, Time now) {
        if (!state.joining) updates_.push_back(Gap{state.prefix, loss, std::move(reason)});
        state.had_gap = state.had_gap || !state.joining;
        begin(state, now);
    }

    /// A prefix that is joining already will have a snapshot that is newer than the loss, or find a hole behind it.
    void join_all(Loss loss, const std::string& reason, Time now) {
        for (auto& state : states_) {
            if (!state.joining) join(state, loss, reason, now);
        }
    }

    void ask(Prefix& state, std::string method, Map params, Time now) {
        state.token = ++tokens_;
        state.due = now + reply_wait;
        commands_.push_back(Ask{state.token, std::move(method), std::move(params)});
    }

    void on_marker(const std::string& nonce, Time now) {
        for (auto& state : states_) {
            if (!state.joining || state.nonce != nonce) continue;
            state.marked = true;
            settle(state, now);
        }
    }

    /// If snapshot and marker have both arrived, yield the snapshot, then the held events that are newer.
    void settle(Prefix& state, Time now) {
        if (!state.snapshot || !state.marked) return;
        const Value snapshot = *std::exchange(state.snapshot, std::nullopt);
        const auto epoch = snapshot["epoch"].text();
        commands_.push_back(Unsubscribe{"sync." + std::exchange(state.nonce, {})});
        const auto known = epoch == state.epoch ? std::exchange(state.seqs, {}) : detail::Numbers{};
        state.epoch = epoch;
        state.seqs = detail::numbers(snapshot["sequences"]);
        state.floors = detail::numbers(snapshot["floors"]);
        tell_staleness(state, snapshot["gaps"].list());
        for (const auto& entry : snapshot["events"].list()) tell(state, entry, known);
        updates_.push_back(Synced{state.prefix, state.epoch});
        auto held = std::exchange(state.held, {});
        state.joining = false;
        state.due = now + compare_every;
        for (auto& event : held) {
            if (event.epoch == state.epoch) take(state, std::move(event), now);
        }
    }

    void tell(const Prefix& state, const Value& entry, const detail::Numbers& known) {
        auto event = Event::read({}, entry);
        event.epoch = state.epoch;
        if (!state.had_gap) {
            updates_.push_back(Snapshot{std::move(event)});
            return;
        }
        const auto seen = known.find(event.topic);
        const bool is_new = seen == known.end() || event.seq > seen->second;
        updates_.push_back(Recovered{std::move(event), is_new});
    }

    void tell_staleness(Prefix& state, const List& gaps) {
        auto before = std::exchange(state.stale, {});
        for (const auto& gap : gaps) state.stale.insert(gap["topic"].text());
        for (const auto& prefix : before) {
            if (state.stale.count(prefix) == 0) updates_.push_back(Fresh{prefix});
        }
        for (const auto& gap : gaps) {
            updates_.push_back(Stale{gap["topic"].text(), gap["reason"].value_or(""), gap});
        }
    }

    // Live

    void take(Prefix& state, Event event, Time now) {
        if (state.joining) {
            state.held.push_back(std::move(event));
            return;
        }
        if (event.epoch != state.epoch) {
            join(state, Loss::restart, "the bridge has restarted", now);
            state.held.push_back(std::move(event));
            return;
        }
        const auto last = state.last(event.topic);
        if (event.seq > last + 1) {
            const auto lost = std::to_string(event.seq - last - 1);
            join(state, Loss::hole, lost + " events were lost on " + event.topic, now);
            state.held.push_back(std::move(event));
        } else if (event.seq == last + 1) {
            state.seqs[event.topic] = event.seq;
            yield(state, std::move(event));
        }
    }

    void yield(Prefix& state, Event event) {
        const auto prefix = [&event] {
            const auto told = event.data["topic"];
            return told.is_string() ? told.text() : event.topic.substr(0, event.topic.size() - event.name.size());
        };
        if (event.name == "stale") {
            state.stale.insert(prefix());
            updates_.push_back(Stale{prefix(), event.data["reason"].value_or(""), std::move(event.data)});
        } else if (event.name == "fresh") {
            state.stale.erase(prefix());
            updates_.push_back(Fresh{prefix()});
        } else if (event.name == "ended") {
            state.stale.erase(prefix());
            updates_.push_back(Ended{prefix(), event.data["reason"].value_or(""), std::move(event.data)});
        } else {
            updates_.push_back(Live{std::move(event)});
        }
    }

    // Comparing

    /// Compare the bridge's numbers with ours. A missing event may still be on its way, so check again later.
    void compare(Prefix& state, const Value& result, Time now) {
        state.due = now + compare_every;
        if (result["epoch"].text() != state.epoch) {
            join(state, Loss::restart, "the bridge has restarted", now);
            return;
        }
        if (detail::numbers(result["floors"]) != state.floors) {
            join(state, Loss::floors, "the bridge has forgotten the numbers of old topics", now);
            return;
        }
        for (const auto& [topic, seq] : detail::numbers(result["sequences"])) {
            if (seq > state.last(topic)) state.ahead.emplace(topic, seq);
        }
        if (!state.ahead.empty()) state.due = now + on_its_way;
    }

    void catch_up(Prefix& state, Time now) {
        const auto ahead = std::exchange(state.ahead, {});
        state.due = now + compare_every;
        for (const auto& [topic, seq] : ahead) {
            if (seq <= state.last(topic)) continue;
            join(state, Loss::last_event, "the last events on " + topic + " were lost", now);
            return;
        }
    }

    // Heartbeats

    void on_finding(Heartbeat::Finding finding, Time now) {
        switch (finding) {
        case Heartbeat::Finding::nothing: break;
        case Heartbeat::Finding::hole:
            join_all(Loss::reconnect, "the heartbeats of the bridge have a hole", now);
            break;
        case Heartbeat::Finding::silent:
            for (const auto& state : states_) updates_.push_back(Stale{state.prefix, "bridgeSilent", {}});
            break;
        case Heartbeat::Finding::back:
            join_all(Loss::silence, "the bridge was not heard for a while", now);
            for (const auto& state : states_) {
                if (state.stale.count(state.prefix) == 0) updates_.push_back(Fresh{state.prefix});
            }
            break;
        case Heartbeat::Finding::renew: commands_.push_back(Reconnect{}); break;
        }
    }

    std::function<std::string()> nonce_;
    std::vector<Prefix> states_;
    Heartbeat heartbeat_;
    std::uint64_t tokens_ = 0;
    std::vector<Command> commands_;
    std::vector<Update> updates_;
};

} // namespace tws_bridge
