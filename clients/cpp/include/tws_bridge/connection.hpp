// What ZeroMQ reports about the connection of one socket: whether it is up, and why it is not.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <zmq.hpp>

#include "errors.hpp"
#include "keys.hpp"

namespace tws_bridge::detail {

/// Watches a socket. Make it before the socket connects to `endpoint`.
class Connection {
  public:
    Connection(zmq::context_t& context, zmq::socket_t& socket, std::string endpoint, bool has_key)
        : socket_(&socket), endpoint_(std::move(endpoint)), has_key_(has_key),
          monitor_(context, zmq::socket_type::pair) {
        static std::atomic<std::uint64_t> count{0};
        const auto watched = "inproc://tws-bridge-watch-" + std::to_string(++count);
        if (zmq_socket_monitor(socket.handle(), watched.c_str(), watched_events) != 0) throw zmq::error_t();
        monitor_.set(zmq::sockopt::linger, 0);
        monitor_.connect(watched);
    }

    ~Connection() { zmq_socket_monitor(socket_->handle(), nullptr, 0); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] zmq::socket_t& monitor() noexcept { return monitor_; }
    /// The error for the caller if the bridge refuses the connection. ZeroMQ does not try again by itself then.
    [[nodiscard]] const std::optional<RefusedKey>& refused() const noexcept { return refused_; }

    /// Take all reports.
    void look() {
        zmq::message_t frame;
        while (monitor_.recv(frame, zmq::recv_flags::dontwait)) {
            std::uint16_t event = 0;
            if (frame.size() >= sizeof event) std::memcpy(&event, frame.data(), sizeof event);
            while (frame.more() && monitor_.recv(frame, zmq::recv_flags::dontwait)) {
            }
            take(event);
        }
    }

    /// Whether the connection is up again since the last call. The first time does not count.
    bool take_reconnect() {
        look();
        return std::exchange(reconnects_, 0) > 0;
    }

    /// Whether the socket is connected to a bridge.
    bool is_up() {
        look();
        return is_up_;
    }

    /// Connect again if the bridge has refused the connection: its configuration may have changed.
    void try_again() {
        look();
        if (refused_) connect_anew();
    }

    /// Close the connection and make a new one. ZeroMQ sends all subscriptions again.
    void connect_anew() {
        refused_.reset();
        broken_handshakes_ = 0;
        socket_->disconnect(endpoint_);
        socket_->connect(endpoint_);
    }

    /// Why there is no answer, as far as the connection shows it.
    std::string state() {
        look();
        if (is_up_) return endpoint_ + " is connected, but silent: the bridge is stopped or overloaded";
        if (is_open_) {
            return endpoint_ + " accepts the connection, but does not answer: the bridge is stopped or overloaded, or "
                               "another program listens there";
        }
        return "nothing listens on " + endpoint_ + ": does the bridge run?";
    }

  private:
    static constexpr int watched_events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED |
                                          ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    /// A peer that closes the connection in the handshake may have been stopped just then. It is wrong if it does it again.
    static constexpr int sure = 3;

    void take(std::uint16_t event) {
        switch (event) {
        case ZMQ_EVENT_CONNECTED: is_open_ = true; break;
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            if (was_up_) ++reconnects_;
            is_up_ = was_up_ = true;
            refused_.reset();
            broken_handshakes_ = 0;
            break;
        case ZMQ_EVENT_DISCONNECTED:
        case ZMQ_EVENT_CONNECT_RETRIED: is_up_ = is_open_ = false; break;
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            refuse("the bridge does not know this key: its configuration must name the client's public key");
            break;
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            refuse(has_key_ ? "this bridge has no keys: connect without one" : no_key);
            break;
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            if (++broken_handshakes_ == sure) {
                refuse(has_key_ ? "the handshake fails: does the bridge have keys, and is the server key its public key?"
                                : std::string(no_key) + " (or this is no endpoint of a bridge)");
            }
            break;
        default: break;
        }
    }

    void refuse(const std::string& reason) { refused_.emplace(endpoint_, reason); }

    static constexpr const char* no_key = "this bridge lets in clients with a key only: give the client its keys";

    zmq::socket_t* socket_;
    std::string endpoint_;
    bool has_key_;
    zmq::socket_t monitor_;
    bool is_up_ = false;
    bool is_open_ = false;
    bool was_up_ = false;
    int reconnects_ = 0;
    int broken_handshakes_ = 0;
    std::optional<RefusedKey> refused_;
};

/// A socket with the options that the contract requires, and what is known of its connection. It never blocks.
class BridgeSocket {
  public:
    BridgeSocket(zmq::context_t& context, zmq::socket_type type, const std::string& endpoint,
                 const std::optional<Keys>& keys)
        : socket_(context, type), connection_(context, socket_, endpoint, keys.has_value()) {
        if (keys) {
            socket_.set(zmq::sockopt::curve_publickey, keys->public_key);
            socket_.set(zmq::sockopt::curve_secretkey, keys->secret_key);
            socket_.set(zmq::sockopt::curve_serverkey, keys->server_key);
        }
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::ipv6, endpoint.find('[') != std::string::npos);
        socket_.set(zmq::sockopt::rcvhwm, 100'000);
        socket_.set(zmq::sockopt::heartbeat_ivl, 5'000);
        socket_.set(zmq::sockopt::heartbeat_timeout, 15'000);
        // Without it ZeroMQ keeps requests for a bridge that is not there, and delivers them after their calls are over.
        if (type == zmq::socket_type::dealer) socket_.set(zmq::sockopt::immediate, true);
        socket_.connect(endpoint);
    }

    [[nodiscard]] zmq::socket_t& socket() noexcept { return socket_; }
    [[nodiscard]] Connection& connection() noexcept { return connection_; }

    /// Send a request. Returns false if there is no connection, or no room: then it is not sent.
    bool send(const std::string& body) {
        return socket_.send(zmq::buffer(body), zmq::send_flags::dontwait).has_value();
    }

    void subscribe(const std::string& prefix) { socket_.set(zmq::sockopt::subscribe, prefix); }
    void unsubscribe(const std::string& prefix) { socket_.set(zmq::sockopt::unsubscribe, prefix); }

    /// Receive one message without waiting: its first and its last frame. Returns false where none has arrived.
    bool receive(zmq::message_t& first, zmq::message_t& last) {
        if (!socket_.recv(first, zmq::recv_flags::dontwait)) return false;
        bool more = first.more();
        if (!more) last.copy(first);
        while (more) { // ZeroMQ has all frames of a message, or none
            static_cast<void>(socket_.recv(last, zmq::recv_flags::none));
            more = last.more();
        }
        return true;
    }

  private:
    zmq::socket_t socket_;
    Connection connection_;
};

} // namespace tws_bridge::detail
