// What a program iterates over: Subscription, Stream and OrderFeed. Each has its own SUB socket, because ZeroMQ applies
// the high-water mark to each connection: a flood on one does not delay the others or make them lose events.
#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core.hpp"
#include "follow.hpp"
#include "hold.hpp"
#include "orderlog.hpp"

namespace tws_bridge {

namespace detail {

/// The part that all feeds share. `Yield` is what the follower yields.
template <class FollowerType, class Yield> class Feed : public FeedBase {
  public:
    Feed(std::shared_ptr<Core> core, FollowerType follower, std::optional<HoldKeeper> keeper = std::nullopt)
        : core_(std::move(core)), socket_(core_->event_socket()), follower_(std::move(follower)),
          keeper_(std::move(keeper)) {
        follower_.start(Clock::now());
        run_commands();
        core_->add(*this); // last: what throws before it leaves nothing behind
    }
    ~Feed() override { core_->remove(*this); }

    [[nodiscard]] const FollowerType& follower() const noexcept { return follower_; }

    /// Wait for the next one until `end`.
    std::optional<Yield> poll(Time end) {
        core_->calls().check();
        socket_->connection().try_again();
        core_->pump_if_due();
        while (ready_.empty()) {
            rethrow();
            core_->pump(end);
            core_->calls().check();
            if (ready_.empty() && !failure_ && Clock::now() >= end) return std::nullopt;
        }
        auto next = std::move(ready_.front());
        ready_.pop_front();
        return next;
    }

    [[nodiscard]] bool wants_input() const override { return ready_.size() < most_ready; }
    [[nodiscard]] bool has_output() const override { return !ready_.empty() || failure_ != nullptr; }
    [[nodiscard]] BridgeSocket& socket() override { return *socket_; }
    [[nodiscard]] Time next_timer() const override {
        const auto due = follower_.next_timer();
        return keeper_ ? std::min(due, keeper_->next_timer()) : due;
    }

    void turn(Time now) noexcept override {
        try {
            if (!wants_input()) return;
            if (socket_->connection().take_reconnect()) follower_.on_reconnect(now);
            if (const auto& refused = socket_->connection().refused()) failure_ = std::make_exception_ptr(*refused);
            if (deliver(now)) {
                // Only when all that has arrived is taken can the follower judge what is missing.
                take_replies(now);
                follower_.on_timer(now);
                if (keeper_) keeper_->on_timer(now);
            }
            collect(now);
            run_commands();
        } catch (...) {
            failure_ = std::current_exception();
        }
    }

    void on_long_silence() override {
        if (keeper_) keeper_->on_loss();
    }

  private:
    static constexpr std::size_t most_ready = 10'000;
    static constexpr int batch = 1'000;
    static constexpr milliseconds ask_timeout{5'000};

    void rethrow() {
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

    /// Pass one batch of events to the follower. Returns whether that was all.
    bool deliver(Time now) {
        zmq::message_t topic;
        zmq::message_t body;
        for (int i = 0; i < batch; ++i) {
            if (!socket_->receive(topic, body)) return true;
            follower_.on_event(Event::read(topic.to_string(), decode({body.data<char>(), body.size()})), now);
        }
        return false;
    }

    void take_replies(Time now) {
        for (auto one = asked_.begin(); one != asked_.end();) {
            if (!one->second.call->is_over()) {
                ++one;
                continue;
            }
            const auto asked = std::move(one->second);
            one = asked_.erase(one);
            asked.of_keeper ? answer_keeper(asked, now) : answer_follower(asked, now);
        }
    }

    struct Asked {
        std::uint64_t token = 0;
        CallPtr call;
        bool of_keeper = false;
    };

    void answer_follower(const Asked& asked, Time now) {
        std::optional<Value> result;
        try {
            result = asked.call->result();
        } catch (const BridgeError& error) {
            // A request that is wrong never succeeds, so the caller must know; the others are sent again.
            const bool is_wrong = error.code == "invalidParams" || error.code == "notPermitted";
            if (is_wrong) failure_ = std::current_exception();
        }
        follower_.on_reply(asked.token, result, now);
    }

    void answer_keeper(const Asked& asked, Time now) {
        std::optional<Value> result;
        try {
            result = asked.call->result();
        } catch (const BridgeError& error) {
            if (!keeper_->on_error(asked.token, error, now)) failure_ = std::current_exception();
        }
        if (result) keeper_->on_result(asked.token, *result);
    }

    void collect(Time now) {
        for (auto& one : follower_.updates()) {
            if constexpr (std::is_same_v<Yield, Update>) tell_keeper(one, now);
            ready_.push_back(std::move(one));
        }
    }

    void tell_keeper(const Update& update, Time now) {
        if (!keeper_) return;
        if (std::holds_alternative<Gap>(update)) {
            had_gap_ = true;
        } else if (std::holds_alternative<Synced>(update)) {
            if (std::exchange(had_gap_, false)) keeper_->on_loss();
        } else if (std::holds_alternative<Ended>(update)) {
            keeper_->on_ended(now);
        }
    }

    void run_commands() {
        for (auto& command : follower_.commands()) std::visit([this](auto& one) { run(one); }, command);
        if (!keeper_) return;
        for (auto& ask : keeper_->commands()) send(ask, true);
    }

    void run(const Subscribe& subscribe) { socket_->subscribe(subscribe.topic); }
    void run(const Unsubscribe& unsubscribe) { socket_->unsubscribe(unsubscribe.topic); }
    void run(const Reconnect&) { socket_->connection().connect_anew(); }
    void run(Ask& ask) { send(ask, false); }
    void send(Ask& ask, bool of_keeper) {
        auto call = core_->send(ask.method, std::move(ask.params), ask_timeout);
        asked_.emplace(++asks_, Asked{ask.token, std::move(call), of_keeper});
    }

    std::shared_ptr<Core> core_; // first, so that it ends last
    std::unique_ptr<BridgeSocket> socket_;
    FollowerType follower_;
    std::optional<HoldKeeper> keeper_;
    std::map<std::uint64_t, Asked> asked_;
    std::uint64_t asks_ = 0;
    std::deque<Yield> ready_;
    std::exception_ptr failure_; // for the caller of `poll`
    bool had_gap_ = false;
};

/// The end of an endless feed.
struct Endless {};

/// Waits for the next one at each step.
template <class FeedType, class Yield> class FeedIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Yield;
    using difference_type = std::ptrdiff_t;
    using pointer = Yield*;
    using reference = Yield&;

    explicit FeedIterator(FeedType& feed) : feed_(&feed) { ++*this; }
    Yield& operator*() { return *current_; }
    Yield* operator->() { return &*current_; }
    FeedIterator& operator++() {
        do {
            current_ = feed_->poll(Time::max());
        } while (!current_);
        return *this;
    }
    bool operator!=(Endless) const noexcept { return true; }
    bool operator==(Endless) const noexcept { return false; }

  private:
    FeedType* feed_;
    std::optional<Yield> current_;
};

inline Time deadline(Clock::duration timeout) {
    const auto now = Clock::now();
    return timeout > Time::max() - now ? Time::max() : now + timeout;
}

} // namespace detail

/// Topics below some prefixes, without an unseen loss. `Client::subscribe` makes it.
///
///     for (auto& update : subscription) {
///         if (auto* event = event_of(update)) std::cout << event->topic << " " << event->data << "\n";
///     }
class Subscription {
  public:
    using Feed = detail::Feed<Follower, Update>;

    explicit Subscription(std::unique_ptr<Feed> feed) : feed_(std::move(feed)) {}

    /// Wait for the next update, at most for `timeout`: with 0 it takes only what has arrived. Gives nothing if none has.
    ///
    /// Throws BridgeError: `fenced` if a newer run has fenced this one, `invalidParams` or `notPermitted` if the bridge
    /// refuses the prefix, RefusedKey if it refuses the client's key.
    std::optional<Update> poll(Clock::duration timeout) { return feed_->poll(detail::deadline(timeout)); }

    /// Iterate for ever; each step waits.
    detail::FeedIterator<Feed, Update> begin() { return detail::FeedIterator<Feed, Update>(*feed_); }
    detail::Endless end() { return {}; }

    /// Whether the last values are complete. False again while it waits for a new snapshot after a gap.
    [[nodiscard]] bool is_live() const { return feed_->follower().is_live(); }

  private:
    std::unique_ptr<Feed> feed_;
};

/// A stream that the client holds, such as ticks of one instrument: a Subscription to its topics that subscribes at the
/// bridge again after `Ended`, and where a restart of the bridge, or a silence of the program, has cost it the hold.
/// `Client::stream` makes it.
///
/// The hold belongs to the name of the client, not to this object: it outlives it, for other processes of the same name.
/// `Client::release` ends it.
class Stream : public Subscription {
  public:
    Stream(std::unique_ptr<Feed> feed, Value answer) : Subscription(std::move(feed)), answer_(std::move(answer)) {}

    /// The name of the stream.
    [[nodiscard]] std::string name() const { return answer_["stream"].text(); }
    /// The prefix of its topics.
    [[nodiscard]] std::string topic() const { return answer_["topic"].text(); }
    /// The bridge's answer to the first subscription.
    [[nodiscard]] const Value& answer() const noexcept { return answer_; }

  private:
    Value answer_;
};

/// The events of the client's own orders, each exactly once. `Client::orders` makes it.
///
/// Store `event.position` in one transaction with the effects of the event, and pass it to `orders` at the next start.
class OrderFeed {
  public:
    using Feed = detail::Feed<LogFollower, LogEvent>;

    explicit OrderFeed(std::unique_ptr<Feed> feed) : feed_(std::move(feed)) {}

    /// As `Subscription::poll`.
    std::optional<LogEvent> poll(Clock::duration timeout) { return feed_->poll(detail::deadline(timeout)); }

    /// Iterate for ever; each step waits.
    detail::FeedIterator<Feed, LogEvent> begin() { return detail::FeedIterator<Feed, LogEvent>(*feed_); }
    detail::Endless end() { return {}; }

    /// Whether it has yielded all that the bridge has told of.
    [[nodiscard]] bool is_live() const { return feed_->follower().is_live(); }
    /// For how long the bridge has not said how long the log is. It does that each second once there is a log, so a long
    /// silence means that events may be missing now. They come later, each once.
    [[nodiscard]] milliseconds silence() const {
        return std::chrono::duration_cast<milliseconds>(Clock::now() - feed_->follower().heard());
    }

  private:
    std::unique_ptr<Feed> feed_;
};

} // namespace tws_bridge
