// The facts of one order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "decimal.hpp"
#include "errors.hpp"
#include "value.hpp"

namespace tws_bridge {

/// How an order stands.
struct OrderFacts {
    std::string order_key;
    std::string state; ///< queued, sent, acknowledged, inactive, filled, cancelled, rejected, unknown, notFound, ...
    std::optional<std::int64_t> order_id; ///< its number at TWS
    std::string perm_id;                  ///< IBKR's permanent number; empty until TWS tells it
    std::string status;                   ///< the status that TWS last sent
    Decimal filled;                       ///< the executed quantity
    bool fills_final = false;             ///< of a filled or cancelled order: no more will be executed
    std::optional<std::int64_t> revision; ///< of the newest change
    std::string change;                   ///< empty, or what became of the newest change: unknown, refused, ...
    std::string reason;                   ///< of an unknown order: what is missing
    std::optional<bool> reached;          ///< the answer of `await_order`
    Value raw;                            ///< all that the bridge said

    static OrderFacts read(const Value& facts) {
        OrderFacts order;
        order.order_key = facts["orderKey"].value_or("");
        order.state = facts["state"].text();
        order.order_id = facts["orderId"].maybe<std::int64_t>();
        order.perm_id = facts["permId"].value_or("");
        order.status = facts["status"].value_or("");
        order.filled = facts["filled"].value_or(Decimal());
        order.fills_final = facts["fillsFinal"].value_or(false);
        order.revision = facts["revision"].maybe<std::int64_t>();
        order.change = facts["change"].value_or("");
        order.reason = facts["reason"].value_or("");
        order.reached = facts["reached"].maybe<bool>();
        order.raw = facts;
        return order;
    }

    /// The facts in the error `rejectedByTws` of an order or a change; nothing in other errors.
    static std::optional<OrderFacts> of(const BridgeError& error) {
        const bool has_facts = error.code == "rejectedByTws" && error.data["state"].is_string();
        return has_facts ? std::optional(read(error.data)) : std::nullopt;
    }

    /// Whether it is not known yet how the order stands: ask again with the same key, and never with another one.
    [[nodiscard]] bool is_open_question() const { return state == "queued" || state == "sent" || state == "unknown"; }
};

} // namespace tws_bridge
