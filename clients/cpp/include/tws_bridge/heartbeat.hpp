// The heartbeats of the bridge, one a second: a hole means that the connection lost events, silence that nothing is
// certain. No sockets, no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "event.hpp"

namespace tws_bridge {

inline constexpr std::string_view heartbeat_topic = "system.heartbeat";

/// Listens to heartbeats. The table of its states:
///
/// | state     | beat, next     | beat, not next     | 5 s nothing       | 20 s nothing    | connection anew |
/// |-----------|----------------|--------------------|-------------------|-----------------|-----------------|
/// | `waiting` | `hearing`      | `hearing`          | `silent`: silent  | -               | `waiting`       |
/// | `hearing` | `hearing`      | `hearing`: hole    | `silent`: silent  | -               | `waiting`       |
/// | `silent`  | `hearing`: back| `hearing`: back    | -                 | `silent`: renew | `silent`        |
class Heartbeat {
  public:
    enum class State { waiting, hearing, silent };
    enum class Finding { nothing, hole, silent, back, renew };

    static constexpr milliseconds quiet{5'000};
    static constexpr milliseconds too_quiet{20'000};

    void start(Time now) { heard_ = renewed_ = now; }

    Finding on_beat(const std::string& epoch, std::uint64_t seq, Time now) {
        const bool is_next = epoch == epoch_ && seq == seq_ + 1;
        const auto before = state_;
        epoch_ = epoch;
        seq_ = seq;
        heard_ = renewed_ = now;
        state_ = State::hearing;
        if (before == State::silent) return Finding::back;
        return before == State::hearing && !is_next ? Finding::hole : Finding::nothing;
    }

    /// The follower joins anew by itself after this, so the next beat need not fit to the last.
    void on_reconnect(Time now) {
        if (state_ == State::silent) return;
        state_ = State::waiting;
        heard_ = now;
    }

    Finding on_timer(Time now) {
        if (state_ != State::silent && now >= heard_ + quiet) {
            state_ = State::silent;
            renewed_ = heard_;
            return Finding::silent;
        }
        if (state_ == State::silent && now >= renewed_ + too_quiet) {
            renewed_ = now;
            return Finding::renew;
        }
        return Finding::nothing;
    }

    [[nodiscard]] Time next_timer() const { return state_ == State::silent ? renewed_ + too_quiet : heard_ + quiet; }
    [[nodiscard]] State state() const noexcept { return state_; }

  private:
    State state_ = State::waiting;
    std::string epoch_;
    std::uint64_t seq_ = 0;
    Time heard_{};
    Time renewed_{};
};

} // namespace tws_bridge
