// The open requests of a client, as bytes. No sockets, no clock.
//
// The client sends an unanswered request again with the same id, and the bridge recognizes it as the same request.
// A request that changes something says when it `expires`: the bridge does not carry it out after that, however late it
// arrives.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "codec.hpp"
#include "errors.hpp"
#include "event.hpp"
#include "expiring.hpp"
#include "follow.hpp"

namespace tws_bridge {

class Client;

/// How a request is asked: `RequestOptions().timeout(5s).fresh()`. A duration alone is a timeout.
class RequestOptions {
  public:
    RequestOptions() = default;
    template <class Rep, class Period>
    RequestOptions(std::chrono::duration<Rep, Period> timeout) { // NOLINT: `client.request("ping", {}, 5s)`
        this->timeout(timeout);
    }

    /// How long the call lasts at most, 30 s by default. The bridge gets 1.5 s less to wait for TWS, or 70 % of the time
    /// if that is more, so that its answer can arrive. Throws ValueError unless it is above 0 and at most 600 s.
    template <class Rep, class Period> RequestOptions& timeout(std::chrono::duration<Rep, Period> value) {
        const auto seconds = std::chrono::duration<double>(value).count();
        if (!(seconds > 0.0 && seconds <= 600.0)) throw ValueError("timeout: expected above 0 s and at most 600 s");
        timeout_ = std::chrono::ceil<milliseconds>(value);
        return *this;
    }
    /// The id of the request. The bridge answers a request with a known id again and does not repeat it. By default the
    /// client makes a new one.
    RequestOptions& id(std::string value) {
        id_ = std::move(value);
        return *this;
    }
    /// The bridge must refuse the request (`paced`) if TWS takes no more messages now.
    RequestOptions& no_wait() {
        wait_ = false;
        return *this;
    }
    /// The answer must come from TWS, and not from what the bridge has kept of earlier answers.
    RequestOptions& fresh() {
        fresh_ = true;
        return *this;
    }

  private:
    friend class Calls;
    friend class Client;
    milliseconds timeout_{30'000};
    std::optional<std::string> id_;
    bool wait_ = true;
    bool fresh_ = false;
};

/// An open request.
struct Call {
    std::string id;
    std::string method;
    std::string body; ///< the message to send
    milliseconds timeout{};
    Time deadline{};
    Time resend{};
    bool has_left = true; ///< whether a connection has taken the request
    std::optional<Value> reply; ///< what the bridge answered
    std::exception_ptr error;   ///< what the client knows without an answer

    [[nodiscard]] bool is_over() const noexcept { return reply.has_value() || error != nullptr; }

    /// The result of a call that is over. Throws BridgeError where it has none.
    [[nodiscard]] const Value& result() const {
        if (error) std::rethrow_exception(error);
        if (!(*reply)["ok"].as<bool>()) throw BridgeError((*reply)["error"]);
        return (*reply)["result"];
    }
};

using CallPtr = std::shared_ptr<Call>;

/// The open requests of one client.
class Calls {
  public:
    /// After this time without a reply the client sends the request again.
    static constexpr milliseconds resend_after{5'000};
    /// A request that no connection has taken is tried again after this time.
    static constexpr milliseconds retry_after{100};
    /// The time between two signs of life. The bridge releases the streams of a silent client after its lease, 30 s.
    static constexpr milliseconds keep_alive_every{10'000};
    /// After a silence of this length the bridge may have released the client's holds.
    static constexpr milliseconds long_silence{25'000};

    Calls(std::string client, std::optional<std::string> instance)
        : client_(std::move(client)), instance_(std::move(instance)), run_(detail::random_token().substr(0, 12)) {}

    [[nodiscard]] const std::string& client() const noexcept { return client_; }

    /// The error with which the bridge fenced this run; nothing where no newer run has.
    [[nodiscard]] const std::optional<BridgeError>& fenced() const noexcept { return fenced_; }

    /// Throws BridgeError with the code `fenced` if a newer run has fenced this one.
    void check() const {
        if (fenced_) throw *fenced_;
    }

    /// Open a request; the caller sends its `body`.
    CallPtr make(const std::string& method, Map params, const RequestOptions& options, Time now) {
        auto call = std::make_shared<Call>();
        call->id = options.id_ ? *options.id_ : run_ + "-" + std::to_string(++count_);
        call->method = method;
        call->timeout = options.timeout_;
        call->deadline = now + options.timeout_;
        call->resend = now + resend_after;
        call->body = body(*call, std::move(params), options);
        open_[call->id] = call;
        spoke(now);
        return call;
    }

    /// The sign of life to send now; nothing if none is due. A client with an instance says `hello` instead of `ping`,
    /// because the answer names a newer run.
    CallPtr keep_alive(Time now) {
        if (!keep_alive_due_) keep_alive_due_ = instance_ ? now : now + keep_alive_every;
        if (fenced_ || now < *keep_alive_due_) return nullptr;
        keep_alive_due_ = now + keep_alive_every;
        if (!instance_) return make("ping", {}, keep_alive_every, now);
        return make("hello", Map{{"instance", *instance_}}, keep_alive_every, now);
    }

    [[nodiscard]] Time next_keep_alive() const {
        return fenced_ ? Time::max() : keep_alive_due_.value_or(Time::min());
    }

    /// Take a reply.
    void on_reply(std::string_view bytes) {
        auto reply = decode(bytes);
        if (!reply["part"].is_nil()) return;
        const auto found = open_.find(reply["id"].value_or(""));
        if (found == open_.end()) return;
        const auto call = found->second;
        open_.erase(found);
        const bool is_fenced = !reply["ok"].as<bool>() && reply["error"]["code"] == Value("fenced");
        if (instance_ && is_fenced) fenced_ = BridgeError(reply["error"]);
        call->reply = std::move(reply);
    }

    /// Close all open calls, and return them.
    std::vector<CallPtr> close_all() {
        std::vector<CallPtr> closed;
        for (auto& [id, call] : open_) closed.push_back(call);
        open_.clear();
        return closed;
    }

    /// Close the calls past their deadline, and return them.
    std::vector<CallPtr> late(Time now) {
        std::vector<CallPtr> late;
        for (auto one = open_.begin(); one != open_.end();) {
            if (now < one->second->deadline) {
                ++one;
            } else {
                late.push_back(one->second);
                one = open_.erase(one);
            }
        }
        return late;
    }

    /// No connection has taken the request: it is due again when there is one.
    static void on_unsent(Call& call, Time now) {
        call.has_left = false;
        call.resend = now + retry_after;
    }

    /// The calls to send now. `is_up`: whether the client is connected; then what has not left is due.
    std::vector<CallPtr> again(Time now, bool is_up = false) {
        std::vector<CallPtr> again;
        for (auto& [id, call] : open_) {
            if (now < call->resend && (call->has_left || !is_up)) continue;
            call->has_left = true;
            call->resend = now + resend_after;
            again.push_back(call);
            spoke(now);
        }
        return again;
    }

    /// The time at which to look for late calls and calls to send again.
    [[nodiscard]] Time next_timer() const {
        auto due = Time::max();
        for (const auto& [id, call] : open_) due = std::min({due, call->deadline, call->resend});
        return due;
    }

    /// Whether the client was silent for so long, since the last time, that the bridge may have released its holds.
    bool take_long_silence() { return std::exchange(was_silent_, false); }

  private:
    std::string body(const Call& call, Map params, const RequestOptions& options) const {
        const double seconds = std::chrono::duration<double>(options.timeout_).count();
        const double grace = std::min(1.5, 0.3 * seconds);
        const bool is_paid = Value(params)["regulatorySnapshot"] == Value(true);
        // The id comes first: the bridge finds it there even in a body that is too large.
        Map request{{"id", call.id},         {"v", contract_version},
                    {"client", client_},     {"method", call.method},
                    {"params", std::move(params)}, {"timeout", seconds - grace}};
        if (detail::must_expire(call.method) || is_paid) {
            const auto utc = std::chrono::system_clock::now().time_since_epoch();
            const auto left = std::chrono::duration<double>(seconds - grace);
            request.append("expires", std::chrono::duration_cast<std::chrono::nanoseconds>(utc + left).count());
        }
        if (instance_) request.append("instance", *instance_);
        if (!options.wait_) request.append("wait", false);
        if (options.fresh_) request.append("fresh", true);
        return encode(request);
    }

    void spoke(Time now) {
        was_silent_ = was_silent_ || (spoken_ && now > *spoken_ + long_silence);
        spoken_ = now;
        if (!instance_) keep_alive_due_ = now + keep_alive_every;
    }

    std::string client_;
    std::optional<std::string> instance_;
    std::string run_; // the ids of this run are those of no other run
    std::uint64_t count_ = 0;
    std::map<std::string, CallPtr> open_;
    std::optional<BridgeError> fenced_;
    std::optional<Time> keep_alive_due_; // nothing before the first `keep_alive`
    std::optional<Time> spoken_;
    bool was_silent_ = false;
};

} // namespace tws_bridge
