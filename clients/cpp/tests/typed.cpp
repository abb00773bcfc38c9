// Reads the data of events, a JSON object {"name", "data"} on each line, and says what the structs have of it.
#include <iostream>
#include <string>

#include <tws_bridge/any_event.hpp>
#include <tws_bridge/json.hpp>

using namespace tws_bridge;

namespace {

struct Line {
    std::string name;
    Value data;
};

Map told(const Line& line) {
    if (const auto tick = events::as<events::TickPriceData>(line)) {
        return {{"tickType", tick->tickType}, {"price", tick->price}, {"size", tick->size}};
    }
    if (const auto fill = events::as<events::ExecDetailsData>(line)) {
        return {{"conId", fill->contract->conId}, {"shares", fill->execution->shares}, {"permId", fill->execution->permId}};
    }
    if (const auto open = events::as<events::OpenOrderData>(line)) {
        return {{"lmtPrice", open->order->lmtPrice},
                {"legs", open->contract->comboLegs.size()},
                {"status", open->orderState->status}};
    }
    return {};
}

} // namespace

int main() {
    for (std::string text; std::getline(std::cin, text);) {
        const auto value = from_json(text);
        const Line line{value["name"].text(), value["data"]};
        try {
            const auto any = events::parse(line);
            const bool is_known = !std::holds_alternative<events::Unknown>(any);
            std::cout << Value(Map{{"name", line.name}, {"known", is_known}, {"told", told(line)}}) << "\n";
        } catch (const ValueError& error) {
            std::cout << Value(Map{{"name", line.name}, {"error", error.what()}}) << "\n";
        }
    }
}
