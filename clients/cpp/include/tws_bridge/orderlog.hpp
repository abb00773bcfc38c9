// The state of a consumer that follows its order log and gets each event once. No sockets, no clock.
//
// The consumer stores its position (log, n) together with the effects of the events. The follower first reads the log
// from that position with the method `orderLog`. Then it takes published events, as long as the `n` of each is one higher
// than the last. If a number is missing, or the `head` that the bridge publishes each second is higher than the last
// number, it reads the log again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event.hpp"

namespace tws_bridge {

/// How far a consumer has come: the name of the log, and the number of the last event that it has taken.
struct LogPosition {
    std::string log;
    std::uint64_t n = 0;
    friend bool operator==(const LogPosition& a, const LogPosition& b) { return a.log == b.log && a.n == b.n; }
};

/// One event of the order log.
struct LogEvent {
    LogPosition position; ///< after this event: store it together with the effects of the event
    std::string topic;    ///< the topic on which the bridge publishes the event
    std::string name;     ///< for example `execDetails`
    Value data;
    std::int64_t ts = 0; ///< nanoseconds since 1970 UTC; 0 for a gap that this client found

    /// Whether something is lost for good; `data` has the `reason`. With an `orderKey` in `data` the bridge says it of
    /// this order: TWS never had it, or no longer tells its fills. Without one this client says it of the whole log: it is
    /// another one, or was set back. Then the log may repeat executions: apply no `execId` twice.
    [[nodiscard]] bool is_gap() const { return name == "orderGap"; }
};

/// Follows the order log of `owner`. It begins after `position`, or with the first event without one.
///
/// The caller passes input to `start`, `on_event`, `on_reply`, `on_reconnect` and `on_timer`, and after each call
/// carries out `commands()` and takes `updates()`.
class LogFollower {
  public:
    /// After this time without a reply the follower sends the request again.
    static constexpr milliseconds reply_wait{5'000};
    /// After a request that failed.
    static constexpr milliseconds retry_wait{1'000};
    /// How many events one request asks for.
    static constexpr int page = 500;

    LogFollower(const std::string& owner, std::optional<LogPosition> position)
        : prefix_("order." + owner + "."), position_(std::move(position)) {}

    std::vector<Command> commands() { return std::exchange(commands_, {}); }
    std::vector<LogEvent> updates() { return std::exchange(updates_, {}); }

    /// Whether everything up to the newest known head has been yielded.
    [[nodiscard]] bool is_live() const { return !asking_ && position_.has_value(); }
    [[nodiscard]] Time next_timer() const { return asking_ ? due_ : Time::max(); }
    /// When the bridge last said how long the log is. It does that each second, for a client with a log.
    [[nodiscard]] Time heard() const { return heard_; }

    void start(Time now) {
        heard_ = now;
        commands_.push_back(Subscribe{prefix_});
        read_more(now);
    }

    void on_event(Event event, Time now) {
        if (!is_ours(event.topic)) return;
        if (!event.n) {
            if (event.topic == prefix_ + "head") on_head(event.data, now);
            return;
        }
        const auto n = *event.n;
        if (event.epoch != epoch_) {
            read_more(now); // the bridge has started again, perhaps with another log
        } else if (!asking_ && position_ && n == position_->n + 1) {
            take(n, std::move(event));
        } else if (!position_ || n > position_->n) {
            read_more(now);
        }
    }

    void on_reply(std::uint64_t token, const std::optional<Value>& result, Time now) {
        if (token != token_ || !asking_) return;
        if (!result) {
            due_ = now + retry_wait;
            return;
        }
        asking_ = false;
        heard_ = now;
        epoch_ = (*result)["epoch"].text();
        const auto head = (*result)["head"].as<std::uint64_t>();
        if (fits((*result)["log"].text(), head)) {
            for (const auto& entry : (*result)["events"].list()) {
                auto event = Event::read({}, entry);
                if (!event.n) throw ValueError("an event of the order log has no n");
                if (*event.n > position_->n) take(*event.n, std::move(event));
            }
        }
        if (ahead_ || position_->n < head) read_more(now);
    }

    /// The log has the events that were published in between.
    void on_reconnect(Time now) { read_more(now); }

    void on_timer(Time now) {
        if (!asking_ || now < due_) return;
        asking_ = false;
        read_more(now);
    }

  private:
    [[nodiscard]] bool is_ours(const std::string& topic) const {
        return topic.compare(0, prefix_.size(), prefix_) == 0;
    }

    void on_head(const Value& data, Time now) {
        heard_ = now;
        const bool is_known = position_ && data["log"].text() == position_->log;
        if (!is_known || data["head"].as<std::uint64_t>() != position_->n) read_more(now);
    }

    /// Request the events after our position. If a request is open, make another one after it.
    void read_more(Time now) {
        if (asking_) {
            ahead_ = true;
            return;
        }
        asking_ = true;
        ahead_ = false;
        due_ = now + reply_wait;
        const auto after = position_ ? position_->n : 0;
        commands_.push_back(Ask{++token_, "orderLog", Map{{"after", after}, {"limit", page}}});
    }

    /// Whether the events of a reply follow our position. If not, report the loss; then the next reading does.
    bool fits(const std::string& log, std::uint64_t head) {
        if (!position_) position_ = LogPosition{log, 0};
        const auto known = *position_;
        if (known.log != log) {
            lose(LogPosition{log, 0},
                 "the bridge has a new order log; the events after " + std::to_string(known.n) + " are lost");
            return known.n == 0; // this reading began with the first event
        }
        if (known.n > head) {
            lose(LogPosition{log, head},
                 "the bridge's order log ends before " + std::to_string(known.n) + ": it is an older copy");
        }
        return true;
    }

    void lose(LogPosition position, std::string reason) {
        position_ = std::move(position);
        Map data{{"reason", std::move(reason)}, {"unrecoverable", true}};
        updates_.push_back(LogEvent{*position_, prefix_ + "orderGap", "orderGap", std::move(data), 0});
    }

    void take(std::uint64_t n, Event event) {
        position_->n = n;
        updates_.push_back(
            LogEvent{*position_, std::move(event.topic), std::move(event.name), std::move(event.data), event.ts});
    }

    std::string prefix_;
    std::optional<LogPosition> position_;
    std::string epoch_; // of the last reply: only events of this epoch are of the same log
    std::uint64_t token_ = 0;
    bool asking_ = false;
    bool ahead_ = false;
    Time due_{};
    Time heard_{};
    std::vector<Command> commands_;
    std::vector<LogEvent> updates_;
};

} // namespace tws_bridge
