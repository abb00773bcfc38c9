// The inside of a client: it polls all its sockets. No part of the interface.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <zmq.hpp>

#include "calls.hpp"
#include "connection.hpp"

namespace tws_bridge::detail {

/// A feed as the core sees it.
class FeedBase {
  public:
    FeedBase() = default;
    FeedBase(const FeedBase&) = delete;
    FeedBase& operator=(const FeedBase&) = delete;
    virtual ~FeedBase() = default;

    /// Whether the feed takes more events; if not, they stay in the socket.
    [[nodiscard]] virtual bool wants_input() const = 0;
    /// Whether the caller has something to take.
    [[nodiscard]] virtual bool has_output() const = 0;
    /// When the feed has something to do, whatever arrives.
    [[nodiscard]] virtual Time next_timer() const = 0;
    [[nodiscard]] virtual BridgeSocket& socket() = 0;
    /// Take what has arrived. Does not throw: the error is for the caller of the feed.
    virtual void turn(Time now) noexcept = 0;
    /// The client was silent for so long that the bridge may have released its holds.
    virtual void on_long_silence() = 0;
};

class Core {
  public:
    Core(Calls calls, std::string requests, std::string events, std::optional<Keys> keys)
        : calls_(std::move(calls)), events_(std::move(events)), keys_(std::move(keys)),
          dealer_(context_, zmq::socket_type::dealer, requests, keys_) {
        turn(Clock::now());
    }

    [[nodiscard]] Calls& calls() noexcept { return calls_; }

    [[nodiscard]] std::unique_ptr<BridgeSocket> event_socket() {
        return std::make_unique<BridgeSocket>(context_, zmq::socket_type::sub, events_, keys_);
    }

    void add(FeedBase& feed) { feeds_.push_back(&feed); }
    void remove(const FeedBase& feed) { feeds_.erase(std::find(feeds_.begin(), feeds_.end(), &feed)); }
    [[nodiscard]] bool has_output() const {
        return std::any_of(feeds_.begin(), feeds_.end(), [](const FeedBase* feed) { return feed->has_output(); });
    }
    /// How many calls are over, so that a caller sees whether one has ended.
    [[nodiscard]] std::uint64_t calls_over() const noexcept { return calls_over_; }

    CallPtr send(const std::string& method, Map params, const RequestOptions& options) {
        dealer_.connection().try_again();
        const auto now = Clock::now();
        auto call = calls_.make(method, std::move(params), options, now);
        send(*call, now);
        return call;
    }

    /// Wait for the call. Throws BridgeError where it has no result.
    const Value& wait(const Call& call) {
        while (!call.is_over()) pump(call.deadline);
        return call.result();
    }

    /// Wait until a socket has input or the time has come, and take what has arrived. It may return earlier.
    void pump(Time until) {
        items_.clear();
        watch(dealer_);
        until = std::min({until, calls_.next_timer(), calls_.next_keep_alive()});
        for (auto* feed : feeds_) {
            if (!feed->wants_input()) continue;
            watch(feed->socket());
            until = std::min(until, feed->next_timer());
        }
        poll(until);
        turn(Clock::now());
        const auto now = Clock::now();
        for (auto* feed : feeds_) feed->turn(now);
        pumped_ = now;
    }

    /// Look after the client if nobody has for a while: for callers that take what waits already.
    void pump_if_due() {
        const auto now = Clock::now();
        if (now >= pumped_ + milliseconds(100)) pump(now);
    }

  private:
    void watch(BridgeSocket& socket) {
        items_.push_back({socket.socket().handle(), 0, ZMQ_POLLIN, 0});
        items_.push_back({socket.connection().monitor().handle(), 0, ZMQ_POLLIN, 0});
    }

    void poll(Time until) {
        const auto now = Clock::now();
        const auto longest = now + Calls::keep_alive_every;
        const auto left = std::clamp(until, now, longest) - now;
        const auto rounded_up = std::chrono::ceil<milliseconds>(left);
        // A signal ends the wait (EINTR): the caller's loop goes on, and a program may look at its own flags.
        if (zmq_poll(items_.data(), static_cast<int>(items_.size()), rounded_up.count()) < 0 && zmq_errno() != EINTR) {
            throw zmq::error_t();
        }
    }

    /// Take replies; send unanswered requests again, and signs of life.
    void turn(Time now) {
        zmq::message_t first;
        zmq::message_t last;
        while (dealer_.receive(first, last)) {
            calls_.on_reply({last.data<char>(), last.size()});
            ++calls_over_;
        }
        for (const auto& call : calls_.late(now)) end(*call, BridgeTimeout(late(*call)));
        for (const auto& call : calls_.again(now, dealer_.connection().is_up())) send(*call, now);
        if (const auto call = calls_.keep_alive(now)) send(*call, now);
        dealer_.connection().look();
        if (const auto& refused = dealer_.connection().refused()) {
            for (const auto& call : calls_.close_all()) end(*call, *refused);
        }
        if (calls_.take_long_silence()) {
            for (auto* feed : feeds_) feed->on_long_silence();
        }
    }

    void send(Call& call, Time now) {
        if (!dealer_.send(call.body)) Calls::on_unsent(call, now);
    }

    template <class Error> void end(Call& call, const Error& error) {
        call.error = std::make_exception_ptr(error);
        ++calls_over_;
    }

    std::string late(const Call& call) {
        return "no answer to " + call.method + " in " + std::to_string(call.timeout.count()) +
               " ms: " + dealer_.connection().state();
    }

    zmq::context_t context_; // first, so that it ends last
    Calls calls_;
    std::string events_;
    std::optional<Keys> keys_;
    BridgeSocket dealer_;
    std::vector<FeedBase*> feeds_;
    std::vector<zmq_pollitem_t> items_;
    std::uint64_t calls_over_ = 0;
    Time pumped_{};
};

} // namespace tws_bridge::detail
