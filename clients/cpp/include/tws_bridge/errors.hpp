// What a call may throw.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "value.hpp"

namespace tws_bridge {

/// The bridge answered with an error. Decide by `code`, `tws_code` and `data`; the text is for people.
class BridgeError : public std::runtime_error {
  public:
    std::string code;            ///< a code of the error reference, for example `rejectedByTws`
    std::string message;         ///< an explanation for a person
    std::optional<int> tws_code; ///< the error code of TWS, where the error is from TWS
    Value data;                  ///< further facts; the error reference lists them for each code

    BridgeError(std::string code_, std::string message_, std::optional<int> tws_code_ = std::nullopt, Value data_ = {})
        : std::runtime_error(text(code_, message_, tws_code_)), code(std::move(code_)), message(std::move(message_)),
          tws_code(tws_code_), data(std::move(data_)) {}

    /// The error of a reply, as on the wire.
    explicit BridgeError(const Value& error)
        : BridgeError(error["code"].value_or("unknown"), error["message"].value_or(""), error["twsCode"].maybe<int>(),
                      error["data"]) {}

    /// After which time the same request, under a new id, may succeed; nothing where a retry does not help.
    [[nodiscard]] std::optional<std::chrono::milliseconds> retry_after() const {
        using std::chrono::milliseconds;
        constexpr std::array<std::string_view, 12> later = {
            "notConnected", "connectionLost", "noResponse", "streamConflict", "notTradable",    "ledgerFailed",
            "changePending", "orderUnknown",  "paced",      "linesExhausted", "limitReached", "noBridge"};
        constexpr std::array<std::string_view, 4> passing = {"halt", "max_open_orders", "max_orders_per_minute",
                                                             "max_lines"};
        const milliseconds pause(1000);
        if (code == "notPermitted") {
            const auto rule = data["rule"].value_or("");
            for (const auto one : passing) {
                if (rule == one) return std::max(pause, seconds(data["wait"].value_or(1.0)));
            }
            return std::nullopt;
        }
        if (code == "paced") return std::max(pause, seconds(data["waitSeconds"].value_or(1.0)));
        for (const auto one : later) {
            if (code == one) return pause;
        }
        return std::nullopt;
    }

  private:
    static std::chrono::milliseconds seconds(double value) {
        return std::chrono::milliseconds(static_cast<std::int64_t>(1000.0 * value));
    }

    static std::string text(const std::string& code, const std::string& message, std::optional<int> tws) {
        return code + (tws ? " (TWS " + std::to_string(*tws) + ")" : "") + ": " + message;
    }
};

/// The bridge did not answer in time. `code` is `noBridge`; `message` says what the client knows of the cause. The
/// request may have been carried out.
class BridgeTimeout : public BridgeError {
  public:
    explicit BridgeTimeout(std::string message_) : BridgeError("noBridge", std::move(message_)) {}
};

/// The bridge refused the connection because of the client's key. `code` is `refusedKey`. The next call tries again.
class RefusedKey : public BridgeError {
  public:
    RefusedKey(const std::string& endpoint, const std::string& reason)
        : BridgeError("refusedKey", endpoint + " refused the connection: " + reason, std::nullopt,
                      Map{{"endpoint", endpoint}}) {}
};

/// A key file cannot be used; the text says why, and never has a secret.
class KeyFileError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace tws_bridge
