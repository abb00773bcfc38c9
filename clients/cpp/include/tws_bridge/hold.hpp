// The hold of a client on a stream: it subscribes again where the bridge has lost the hold. No sockets, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event.hpp"

namespace tws_bridge {

/// Keeps one hold. It begins when the bridge has answered the subscription. The table of its states:
///
/// | state      | loss       | ended      | held      | not held   | answer     | error, may pass | error, for good | timer     |
/// |------------|------------|------------|-----------|------------|------------|-----------------|-----------------|-----------|
/// | `held`     | `checking` | `pausing`  | -         | -          | -          | -               | -               | -         |
/// | `checking` | `checking` | `pausing`  | `held`    | `asking`   | -          | `pausing`       | `failed`        | -         |
/// | `asking`   | `asking`*  | `pausing`  | -         | -          | `held`     | `pausing`       | `failed`        | -         |
/// | `pausing`  | `pausing`  | `pausing`  | -         | -          | -          | -               | -               | `asking`  |
/// | `failed`   | `failed`   | `failed`   | -         | -          | -          | -               | -               | -         |
///
/// `loss`: the subscription has taken a new snapshot after a gap, or the client was silent for longer than its lease:
/// it compares with `status`. *: what the bridge answers may be older than the loss, so `checking` follows the answer.
/// From `pausing` it always subscribes: to do that again for a stream that is held does no harm.
class HoldKeeper {
  public:
    enum class State { held, checking, asking, pausing, failed };

    /// The pause after `ended`, so that a stream that TWS ends again and again does not flood it.
    static constexpr milliseconds after_end{1'000};

    /// `method` and `params` of the subscription, and the `topic` of its answer.
    HoldKeeper(std::string method, Map params, std::string topic)
        : method_(std::move(method)), params_(std::move(params)), topic_(std::move(topic)) {}

    std::vector<Ask> commands() { return std::exchange(commands_, {}); }
    [[nodiscard]] State state() const noexcept { return state_; }
    [[nodiscard]] Time next_timer() const { return state_ == State::pausing ? due_ : Time::max(); }

    void on_loss() {
        switch (state_) {
        case State::held:
        case State::checking: check(); break;
        case State::asking: again_ = true; break;
        case State::pausing:
        case State::failed: break;
        }
    }

    void on_ended(Time now) {
        if (state_ != State::failed) pause(now + after_end);
    }

    /// Handle the result of an Ask.
    void on_result(std::uint64_t token, const Value& result) {
        if (token != token_) return;
        if (state_ == State::checking) {
            is_held(result) ? become_held() : subscribe();
        } else if (state_ == State::asking) {
            const auto topic = result["topic"].text();
            if (topic != topic_) {
                throw BridgeError("topicChanged", "the bridge now publishes the stream on " + topic + ", not on " +
                                                      topic_ + ": open the stream again");
            }
            std::exchange(again_, false) ? check() : become_held();
        }
    }

    /// Handle the failure of an Ask. Returns whether a retry may help; if not, the hold is lost.
    [[nodiscard]] bool on_error(std::uint64_t token, const BridgeError& error, Time now) {
        if (token != token_) return true;
        const auto retry_after = error.retry_after();
        if (retry_after) {
            pause(now + *retry_after);
        } else {
            state_ = State::failed;
        }
        return retry_after.has_value();
    }

    void on_timer(Time now) {
        if (state_ == State::pausing && now >= due_) subscribe();
    }

  private:
    [[nodiscard]] bool is_held(const Value& status) const {
        for (const auto& stream : status["streams"].list()) {
            const bool is_ours = stream["topic"] == Value(topic_) && stream["method"] == Value(method_);
            if (is_ours && stream["held"].value_or(false)) return true;
        }
        return false;
    }

    void become_held() { state_ = State::held; }

    void pause(Time until) {
        state_ = State::pausing;
        due_ = until;
        token_ = ++tokens_; // an answer that is under way counts no more
    }

    void check() {
        state_ = State::checking;
        commands_.push_back(Ask{token_ = ++tokens_, "status", {}});
    }

    void subscribe() {
        state_ = State::asking;
        again_ = false;
        commands_.push_back(Ask{token_ = ++tokens_, method_, params_});
    }

    std::string method_;
    Map params_;
    std::string topic_;
    State state_ = State::held;
    bool again_ = false;
    std::uint64_t tokens_ = 0;
    std::uint64_t token_ = 0; // of the Ask that counts
    Time due_{};
    std::vector<Ask> commands_;
};

} // namespace tws_bridge
