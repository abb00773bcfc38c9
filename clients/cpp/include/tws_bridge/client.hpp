// The client of the bridge.
#pragma once

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core.hpp"
#include "feed.hpp"
#include "order.hpp"

namespace tws_bridge {

/// Where the bridge is, and who the client is.
struct Options {
    std::string requests = "tcp://127.0.0.1:7500"; ///< the endpoint for requests
    std::string events = "tcp://127.0.0.1:7501";   ///< the endpoint for events
    std::optional<Keys> keys;                      ///< for a bridge that has a key
    /// The name of this run of the client, which no earlier run has used. A newer run fences the older ones: each later
    /// call of an older run throws BridgeError with the code `fenced`.
    std::optional<std::string> instance;

    /// Take TWS_BRIDGE_REQUESTS, TWS_BRIDGE_EVENTS, TWS_BRIDGE_CLIENT_KEY and TWS_BRIDGE_SERVER_KEY where they are set.
    static Options from_environment() {
        Options options;
        if (const char* text = std::getenv("TWS_BRIDGE_REQUESTS")) options.requests = text;
        if (const char* text = std::getenv("TWS_BRIDGE_EVENTS")) options.events = text;
        const char* own = std::getenv("TWS_BRIDGE_CLIENT_KEY");
        const char* server = std::getenv("TWS_BRIDGE_SERVER_KEY");
        if ((own == nullptr) != (server == nullptr)) {
            throw KeyFileError("TWS_BRIDGE_CLIENT_KEY and TWS_BRIDGE_SERVER_KEY go together");
        }
        if (own != nullptr) options.keys = Keys::load(own, server);
        return options;
    }
};

/// A request that is under way. `Client::send` makes it.
class Pending {
  public:
    Pending(std::shared_ptr<detail::Core> core, CallPtr call) : core_(std::move(core)), call_(std::move(call)) {}

    /// Whether `get` returns at once. It becomes true while the program is inside a call of the client.
    [[nodiscard]] bool is_ready() const { return call_->is_over(); }
    /// Wait for the result, as `Client::request`. It may be called again.
    const Value& get() { return core_->wait(*call_); }
    /// The id of the request, for the cancel method of its kind.
    [[nodiscard]] const std::string& id() const noexcept { return call_->id; }

  private:
    std::shared_ptr<detail::Core> core_;
    CallPtr call_;
};

/// A client: requests over one socket, and any number of subscriptions.
///
/// One thread at a time may use a Client and all that it has made (Pending, Subscription, Stream, OrderFeed): they share
/// sockets. Give each thread a Client of its own; they may have the same name. Value, Map, Event, Keys and all other
/// plain values may be passed between threads.
///
/// The client does everything while the program is inside a call: `request`, `get`, `poll`, or a step of an iteration. It
/// then polls all its sockets, sends unanswered requests again, and says `ping` every 10 s. The bridge releases the
/// streams of a client that it does not hear for its lease (30 s), so do not stay away for longer. If that happens, a
/// Stream subscribes again.
class Client {
  public:
    /// Open the sockets. It does not wait for the bridge. `name`: 1 to 64 of A-Z a-z 0-9 _ -. With keys, that of the key.
    ///
    /// Throws zmq::error_t if an endpoint is invalid.
    explicit Client(std::string name, Options options = {})
        : core_(std::make_shared<detail::Core>(Calls(std::move(name), std::move(options.instance)),
                                               std::move(options.requests), std::move(options.events),
                                               std::move(options.keys))) {}

    /// Send a request and wait for its result, which the reference of the methods describes.
    ///
    /// Throws BridgeError if the bridge answers with an error, BridgeTimeout if it does not answer in time, and RefusedKey
    /// if it refuses the client's key.
    Value request(const std::string& method, Map params = {}, const RequestOptions& options = {}) {
        return send(method, std::move(params), options).get();
    }

    /// Send a request and return at once.
    Pending send(const std::string& method, Map params = {}, const RequestOptions& options = {}) {
        core_->calls().check();
        return Pending(core_, core_->send(method, std::move(params), options));
    }

    /// Follow all topics that begin with one of the prefixes; all topics without one: first the last values, then each
    /// event as it arrives.
    template <class... Prefixes> Subscription subscribe(const Prefixes&... prefixes) {
        std::vector<std::string> wanted{std::string(prefixes)...};
        if (wanted.empty()) wanted.emplace_back();
        return Subscription(std::make_unique<Subscription::Feed>(core_, Follower(std::move(wanted))));
    }

    /// Subscribe with a method such as `reqMktData`, and follow the topics of its answer. Throws as `request`.
    Stream stream(const std::string& method, Map params = {}, const RequestOptions& options = {}) {
        auto answer = request(method, params, options);
        const auto topic = answer["topic"].text();
        HoldKeeper keeper(method, std::move(params), topic);
        auto feed = std::make_unique<Subscription::Feed>(core_, Follower({topic}), std::move(keeper));
        return Stream(std::move(feed), std::move(answer));
    }

    /// End the client's hold on a stream. It is no error where the client does not hold it.
    void release(const Stream& stream, const RequestOptions& options = {}) {
        try {
            request("release", Map{{"stream", stream.topic()}}, options);
        } catch (const BridgeError& error) {
            if (error.code != "unknownStream") throw;
        }
    }

    /// Follow the order log of this client from the position of the last event that the program has processed; without
    /// one, from the first event.
    OrderFeed orders(std::optional<LogPosition> position = std::nullopt) {
        LogFollower follower(core_->calls().client(), std::move(position));
        return OrderFeed(std::make_unique<OrderFeed::Feed>(core_, std::move(follower)));
    }

    /// Wait until a feed of this client has something to take or a request has ended, at most for `timeout`. Returns
    /// whether a feed has something. It may return earlier, for example after a signal.
    bool poll(Clock::duration timeout) {
        const auto end = detail::deadline(timeout);
        const auto over = core_->calls_over();
        do {
            core_->calls().check();
            core_->pump(core_->has_output() ? Clock::now() : end);
        } while (!core_->has_output() && core_->calls_over() == over && Clock::now() < end);
        return core_->has_output();
    }

    /// The error with which the bridge fenced this run; nothing where no newer run has.
    [[nodiscard]] const std::optional<BridgeError>& fenced() const noexcept { return core_->calls().fenced(); }

    // Orders

    /// Place an order once, however often it is asked. Store the key before the call.
    ///
    /// Throws BridgeError: with `rejectedByTws` TWS has refused the order (`OrderFacts::of(error)`); after a code whose
    /// `retry_after` is set, and after BridgeTimeout, call again with the same key and content.
    OrderFacts place_order(const std::string& key, Map contract, Map order, const RequestOptions& options = {}) {
        return facts("placeOrder",
                     Map{{"orderKey", key}, {"contract", std::move(contract)}, {"order", std::move(order)}}, options);
    }

    /// As `place_order`, again and again until it is known how the order stands; a rejected order has the state
    /// `rejected`. The timeout is that of the whole call. Throws BridgeError where a retry does not help, and when the
    /// time is over: then call again with the same key and content.
    OrderFacts place_order_until_known(const std::string& key, const Map& contract, const Map& order,
                                       const RequestOptions& options = {}) {
        const auto end = detail::deadline(options.timeout_);
        for (auto attempt = options;;) {
            milliseconds pause(1'000);
            try {
                auto known = place_order(key, contract, order, attempt);
                if (!known.is_open_question()) return known;
            } catch (const BridgeError& error) {
                if (auto rejected = OrderFacts::of(error)) return *rejected;
                const auto retry_after = error.retry_after();
                if (!retry_after || Clock::now() + *retry_after >= end) throw;
                pause = *retry_after;
            }
            const auto next = Clock::now() + pause;
            if (next >= end) throw BridgeTimeout("it is not known in time how the order " + key + " stands");
            while (Clock::now() < next) core_->pump(next);
            attempt.timeout_ = std::chrono::ceil<milliseconds>(end - Clock::now());
        }
    }

    /// Change an order. `revision` rises with each change; `order` is the whole order.
    OrderFacts modify_order(const std::string& key, std::int64_t revision, Map order,
                            const RequestOptions& options = {}) {
        return facts("modifyOrder", Map{{"orderKey", key}, {"revision", revision}, {"order", std::move(order)}},
                     options);
    }

    /// Cancel an order. The answer comes at TWS's word on the cancel, which need not be the end of the order.
    OrderFacts cancel_order(const std::string& key, const RequestOptions& options = {}) {
        return facts("cancelOrder", Map{{"orderKey", key}}, options);
    }

    /// Wait until TWS has the order (`until` is `acknowledged`) or it is over (`ended`); `reached` says whether it is.
    OrderFacts await_order(const std::string& key, const std::string& until = "ended",
                           const RequestOptions& options = {}) {
        return facts("awaitOrder", Map{{"orderKey", key}, {"until", until}}, options);
    }

  private:
    OrderFacts facts(const std::string& method, Map params, const RequestOptions& options) {
        return OrderFacts::read(request(method, std::move(params), options));
    }

    std::shared_ptr<detail::Core> core_;
};

} // namespace tws_bridge
