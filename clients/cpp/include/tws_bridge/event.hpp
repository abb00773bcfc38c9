// What a subscription yields.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "errors.hpp"
#include "value.hpp"

namespace tws_bridge {

/// The clock of all deadlines.
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using std::chrono::milliseconds;

/// The version of the contract that this client speaks.
inline constexpr int contract_version = 1;

/// One event as the bridge published it.
struct Event {
    std::string topic;             ///< for example `market.265598.tickPrice`
    std::string name;              ///< the callback of IBKR's EWrapper, or an event of the bridge's own
    Value data;                    ///< the fields, by name: `event.data["price"].as<double>()`
    std::string epoch;             ///< new each time the bridge starts
    std::uint64_t seq = 0;         ///< counts the events of one topic within one epoch
    std::int64_t ts = 0;           ///< nanoseconds since 1970 UTC: when the bridge read it from TWS
    bool is_stale = false;         ///< in a snapshot: the value may be old, because TWS may not serve its stream now
    std::optional<std::uint64_t> n; ///< the number in the order log, for events of the client's own orders
    Map more;                      ///< the other keys of the event, such as `re`, `replayed`, `staleSince`

    /// Read an event of the wire. Throws ValueError where a key is missing or has another type, and BridgeError with
    /// the code `otherVersion` where the bridge speaks another version of the contract.
    static Event read(std::string topic, Value body) {
        Event event;
        event.topic = std::move(topic);
        for (auto& [key, value] : std::move(body).take_map().take()) event.put(key, std::move(value));
        if (event.name.empty()) throw ValueError("an event on " + event.topic + " has no name");
        return event;
    }

  private:
    void put(const std::string& key, Value value) {
        if (key == "event") {
            name = value.text();
        } else if (key == "data") {
            data = std::move(value);
        } else if (key == "epoch") {
            epoch = value.text();
        } else if (key == "seq") {
            seq = value.as<std::uint64_t>();
        } else if (key == "ts") {
            ts = value.as<std::int64_t>();
        } else if (key == "topic") {
            topic = value.text();
        } else if (key == "stale") {
            is_stale = value.as<bool>();
        } else if (key == "n") {
            n = value.as<std::uint64_t>();
        } else if (key != "v") {
            more.append(key, std::move(value));
        } else if (value != Value(contract_version)) {
            throw BridgeError("otherVersion", "the bridge speaks another version of the contract than this client");
        }
    }
};

/// An event that was published just now.
struct Live : Event {};

/// A last value, from the first snapshot.
struct Snapshot : Event {};

/// A last value, from the snapshot after a gap. All last values are told again.
struct Recovered : Event {
    bool is_new = true; ///< false: the subscription had yielded this very event before the gap
};

/// Why events may be lost.
enum class Loss {
    hole,       ///< a number is missing on a topic
    last_event, ///< the bridge has a higher number than the client
    restart,    ///< the bridge has started again
    reconnect,  ///< the connection was made anew
    floors,     ///< the bridge has forgotten the numbers of old topics
    silence,    ///< the bridge was not heard for a while
};

/// Events below `prefix` may be lost. What the program knows of them may be wrong: Recovered values and then Synced
/// follow, and what they do not tell again does not hold.
struct Gap {
    std::string prefix;
    Loss loss = Loss::hole;
    std::string reason; ///< for people
};

/// The last values below `prefix` have all been told. From here on every event comes live.
struct Synced {
    std::string prefix;
    std::string epoch;
};

/// Do not use what is known below `prefix` as current: TWS does not serve it, or may not; or, with the reason
/// `bridgeSilent`, the bridge is not heard.
struct Stale {
    std::string prefix;
    std::string reason;
    Value data; ///< the fields of the `stale` event; nil for `bridgeSilent`
};

/// What the program was told below `prefix` since Stale is current; what was told before does not hold.
struct Fresh {
    std::string prefix;
};

/// The stream with this prefix is over. A `Stream` asks for it again; a `Subscription` does not.
struct Ended {
    std::string prefix;
    std::string reason;
    Value data;
};

/// What a subscription yields.
using Update = std::variant<Live, Snapshot, Recovered, Gap, Synced, Stale, Fresh, Ended>;

/// The event of a Live, Snapshot or Recovered; nothing for the others.
inline const Event* event_of(const Update& update) noexcept {
    return std::visit(
        [](const auto& one) -> const Event* {
            if constexpr (std::is_base_of_v<Event, std::decay_t<decltype(one)>>) {
                return &one;
            } else {
                return nullptr;
            }
        },
        update);
}

/// Several lambdas as one visitor: `std::visit(overloaded{[](const Live& live) {}, [](const auto&) {}}, update)`.
template <class... Ts> struct overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts> overloaded(Ts...) -> overloaded<Ts...>;

// What a follower wants to be done.

/// Subscribe the SUB socket to the prefix `topic`.
struct Subscribe {
    std::string topic;
};
/// Unsubscribe the SUB socket from the prefix `topic`.
struct Unsubscribe {
    std::string topic;
};
/// Send the request, and pass its result to `on_reply(token, ...)`.
struct Ask {
    std::uint64_t token = 0;
    std::string method;
    Map params;
};
/// Close the connection of the SUB socket and make a new one.
struct Reconnect {};

using Command = std::variant<Subscribe, Unsubscribe, Ask, Reconnect>;

} // namespace tws_bridge
