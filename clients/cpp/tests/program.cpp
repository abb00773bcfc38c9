// What tests/clients/test_cpp_*.py run: the adapter of `tws-bridge conform`, a strategy that is killed, and calls to
// bridges that are not there. `program TASK [WORD...]`; endpoints, name and folder come from the environment.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <unistd.h>

#include <tws_bridge.hpp>

using namespace tws_bridge;
using namespace std::chrono_literals;

namespace {

std::string environment(const char* name, const char* otherwise = "") {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : text;
}

void say(const Map& line) { std::cout << Value(line) << std::endl; }

// A file that is replaced as a whole: that makes position and effects one transaction.

Value load(const std::string& path, Value otherwise) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return file ? from_json(text.str()) : std::move(otherwise);
}

void store(const std::string& path, const Value& value) {
    const auto text = to_json(value);
    const int file = ::open((path + ".new").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool is_written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                            ::fsync(file) == 0 && ::close(file) == 0;
    if (!is_written || std::rename((path + ".new").c_str(), path.c_str()) != 0) {
        throw std::runtime_error(path + " cannot be written");
    }
}

std::optional<LogPosition> position(const Value& stored) {
    if (stored["log"].is_nil()) return std::nullopt;
    return LogPosition{stored["log"].text(), stored["n"].as<std::uint64_t>()};
}

// The tasks of docs/reference/conformance.md

void watch(Client& client, const Map& params) {
    std::optional<Stream> stream;
    while (!stream) {
        try {
            stream.emplace(client.stream("reqMktData", params));
        } catch (const BridgeError& error) {
            if (!error.retry_after()) throw;
        }
    }
    for (auto& update : *stream) {
        std::visit(overloaded{
                       [](const Gap& gap) { say({{"forget", gap.prefix}}); },
                       [](const Stale& stale) { say({{"stale", stale.prefix}}); },
                       [](const Fresh& fresh) { say({{"fresh", fresh.prefix}}); },
                       [](const Synced&) {},
                       [](const Ended& ended) { say({{"forget", ended.prefix}}); },
                       [](const Event& event) {
                           if (event.name != "tickPrice") return;
                           say({{"quote", Map{{"topic", event.topic},
                                              {"tickType", event.data["tickType"]},
                                              {"price", event.data["price"]},
                                              {"stale", event.is_stale}}}});
                       },
                   },
                   update);
    }
}

/// All fills that were ever applied, by their execId without the number of the correction.
class Fills {
  public:
    explicit Fills(const Value& stored) {
        if (!stored["fills"].is_map()) return;
        for (const auto& [fill, shares] : stored["fills"].map()) shares_[fill] = shares.text();
    }

    void apply(const LogEvent& event) {
        const auto& execution = event.data["execution"];
        if (event.name != "execDetails" || !execution["execId"].is_string()) return;
        const auto& id = execution["execId"].text();
        shares_[id.substr(0, id.rfind('.'))] = execution["shares"].text();
    }

    [[nodiscard]] std::string sum() const {
        Decimal sum;
        for (const auto& [fill, shares] : shares_) sum += Decimal(shares);
        return sum.text();
    }

    [[nodiscard]] Map stored() const {
        Map all;
        for (const auto& [fill, shares] : shares_) all.append(fill, shares);
        return all;
    }

  private:
    std::map<std::string, std::string> shares_;
};

void orders(Client& client) {
    const auto path = environment("TWS_BRIDGE_CLIENT_STATE") + "/fills.json";
    const auto stored = load(path, Map{});
    Fills fills(stored);
    auto feed = client.orders(position(stored));
    for (auto& event : feed) {
        if (event.is_gap()) say({{"gap", event.data["reason"].value_or("")}});
        fills.apply(event);
        store(path, Map{{"log", event.position.log}, {"n", event.position.n}, {"fills", fills.stored()}});
        say({{"filled", fills.sum()}});
    }
}

void place(Client& client, const Map& params) {
    const auto facts = client.place_order_until_known(params["orderKey"].text(), params["contract"].map(),
                                                      params["order"].map(), 600s);
    say({{"order", Map{{"orderKey", facts.order_key}, {"state", facts.state}}}});
}

void ask(Client& client, const std::string& method, const Map& params) {
    try {
        say({{"answer", client.request(method, params)}});
    } catch (const BridgeError& error) {
        say({{"error", error.code}});
    }
}

/// Each line of the input is a request, with its seconds as `timeout`. Between the lines the client is not used.
void lines(Client& client) {
    for (std::string line; std::getline(std::cin, line);) {
        const auto one = from_json(line);
        const milliseconds timeout(static_cast<std::int64_t>(one["timeout"].as<double>() * 1000));
        try {
            say({{"answer", client.request(one["method"].text(), one["params"].map(), timeout)}});
        } catch (const BridgeError& error) {
            say({{"error", error.code}});
        }
    }
}

// A strategy: it buys COUNT times under keys of its own, and stores each event of its log with the position.

class Strategy {
  public:
    Strategy(Client& client, std::int64_t count, Map contract)
        : client_(client), path_(environment("TWS_BRIDGE_CLIENT_STATE") + "/strategy.json"), count_(count),
          contract_(std::move(contract)) {
        const auto stored = load(path_, Map{{"next", 1}, {"executions", List{}}, {"gaps", 0}});
        position_ = position(stored);
        next_ = stored["next"].as<std::int64_t>();
        executions_ = stored["executions"].list();
        gaps_ = stored["gaps"].as<std::int64_t>();
    }

    [[noreturn]] void run() {
        auto feed = client_.orders(position_);
        say({{"follows", next_}});
        for (;;) {
            while (const auto event = feed.poll(next_ > count_ ? 1s : 0s)) take(*event);
            if (next_ <= count_) buy();
        }
    }

  private:
    /// The key follows from what is stored, so a run that was killed in the middle asks for the same order again.
    void buy() {
        const auto key = "k" + std::to_string(next_);
        const Map order{{"action", "BUY"}, {"orderType", "MKT"}, {"totalQuantity", Decimal("10")}};
        const auto facts = client_.place_order_until_known(key, contract_, order, 600s);
        if (facts.state == "notFound") { // TWS never had it: give it up, and place it again under the same key
            try {
                client_.request("abandon", Map{{"orderKey", key}}, 3s);
            } catch (const BridgeError& error) {
                if (error.code != "orderKnown" && !error.retry_after()) throw;
            }
            return;
        }
        if (facts.state != "acknowledged" && facts.state != "filled") {
            throw std::runtime_error(key + " is " + facts.state);
        }
        ++next_;
        keep();
    }

    void take(const LogEvent& event) {
        position_ = event.position;
        gaps_ += event.is_gap() && event.data["orderKey"].is_nil(); // not: TWS never had an order
        if (event.name == "execDetails") executions_.push_back(event.data["execution"]["execId"]);
        keep();
    }

    void keep() const {
        Map all{{"next", next_}, {"executions", executions_}, {"gaps", gaps_}};
        if (position_) all.set("log", position_->log).set("n", position_->n);
        store(path_, all);
    }

    Client& client_;
    std::string path_;
    std::int64_t count_;
    Map contract_;
    std::optional<LogPosition> position_;
    std::int64_t next_ = 1;
    List executions_;
    std::int64_t gaps_ = 0;
};

// Calls that get no answer: how long they last, and what they throw.

template <class Action> void measured(const char* name, const Action& action) {
    const auto begin = Clock::now();
    const auto end = [&](const std::string& kind, const std::string& code, const std::string& message) {
        const auto took = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
        say({{"call", name}, {"took", took}, {"kind", kind}, {"code", code}, {"message", message}});
    };
    try {
        action();
        end("none", "", "");
    } catch (const RefusedKey& error) {
        end("RefusedKey", error.code, error.message);
    } catch (const BridgeTimeout& error) {
        end("BridgeTimeout", error.code, error.message);
    } catch (const BridgeError& error) {
        end("BridgeError", error.code, error.message);
    }
}

void timeouts(Client& client, milliseconds timeout, int queued) {
    std::vector<Pending> waiting;
    for (int i = 0; i < queued; ++i) waiting.push_back(client.send("status", {}, 60s));
    for (int i = 0; i < 2; ++i) measured("request", [&] { client.request("ping", {}, timeout); });
    measured("cancel_order", [&] { client.cancel_order("k1", timeout); });
    auto subscription = client.subscribe("market.", "system.");
    measured("subscription", [&] { subscription.poll(timeout); });
    auto feed = client.orders();
    measured("orders", [&] { feed.poll(timeout); });
    measured("poll", [&] { client.poll(timeout); });
}

// A run with an instance: it iterates until a newer run fences it.

void fenced(Client& client) {
    auto subscription = client.subscribe("system.heartbeat");
    say({{"instance", "runs"}});
    measured("subscription", [&] {
        for (auto& update : subscription) static_cast<void>(update);
    });
    measured("request", [&] { client.request("ping"); });
}

/// Compares each vector of the files with its meaning, and says those that differ.
Value meaning(const Value& value) {
    constexpr std::int64_t exact = 9'007'199'254'740'991;
    return value.visit(overloaded{
        [](std::int64_t number) -> Value {
            if (number <= exact && number >= -exact) return number;
            return Map{{"$int", std::to_string(number)}};
        },
        [](std::uint64_t number) -> Value { return Map{{"$int", std::to_string(number)}}; },
        [](const Bytes& bytes) -> Value { return from_json(to_json(bytes)); },
        [](const List& list) -> Value {
            List all;
            for (const auto& one : list) all.push_back(meaning(one));
            return all;
        },
        [](const Map& map) -> Value {
            Map all;
            for (const auto& [key, one] : map) all.append(key, meaning(one));
            return all;
        },
        [](std::monostate) -> Value { return {}; },
        [](const auto& other) -> Value { return other; },
    });
}

std::string from_hex(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes += static_cast<char>(std::stoul(text.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

void vectors(const std::string& path) {
    const auto file = load(path, {});
    std::int64_t count = 0;
    for (const auto& vector : file["vectors"].list()) {
        const auto& frames = vector["frames"].list();
        const auto body = decode(from_hex(frames.at(frames.size() - 1).text()));
        const bool is_equal = meaning(body) == vector["meaning"]["body"] && decode(encode(body)) == body;
        if (!is_equal) say({{"differs", vector["name"]}, {"read", meaning(body)}});
        ++count;
    }
    say({{"vectors", count}});
}

} // namespace

int main(int count, char** words) {
    const std::string task = count > 1 ? words[1] : "";
    const auto word = [&](int place, const char* otherwise) {
        return std::string(count > place + 1 ? words[place + 1] : otherwise);
    };
    const auto params = [&](int place) { return from_json(word(place, "{}")).map(); };
    try {
        if (task == "vectors") {
            vectors(word(1, ""));
            return 0;
        }
        auto options = Options::from_environment();
        if (task == "fenced") options.instance = word(1, "");
        Client client(environment("TWS_BRIDGE_CLIENT", "cpp"), options);
        if (task == "watch") {
            watch(client, params(1));
        } else if (task == "orders") {
            orders(client);
        } else if (task == "place") {
            place(client, params(1));
        } else if (task == "ask") {
            ask(client, word(1, ""), params(2));
        } else if (task == "strategy") {
            Strategy(client, std::stoll(word(1, "0")), params(2)).run();
        } else if (task == "timeouts") {
            timeouts(client, milliseconds(std::stoi(word(1, "500"))), std::stoi(word(2, "0")));
        } else if (task == "lines") {
            lines(client);
        } else if (task == "fenced") {
            fenced(client);
        } else {
            std::cerr << "no such task: " << task << "\n";
            return 2;
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
    return 0;
}
