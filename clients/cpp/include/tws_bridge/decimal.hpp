// An exact decimal, for quantities: they are strings on the wire.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "value.hpp"

namespace tws_bridge {

/// A decimal with all its digits. It can be added, subtracted, negated and compared; for more, give its text to the
/// decimal library of your choice.
///
///     Decimal filled;
///     filled += event.data["execution"]["shares"].as<Decimal>();
class Decimal {
  public:
    Decimal() : digits_("0") {}

    /// Read text such as `100`, `-0.5` or `1E+3`. Throws ValueError where it is no finite number, or has an exponent
    /// beyond 1000.
    explicit Decimal(std::string_view text) {
        const std::string all(text);
        if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
            negative_ = text.front() == '-';
            text.remove_prefix(1);
        }
        long exponent = 0;
        if (const auto e = text.find_first_of("eE"); e != std::string_view::npos) {
            exponent = read_exponent(text.substr(e + 1), all);
            text = text.substr(0, e);
        }
        const auto point = text.find('.');
        const auto whole = text.substr(0, point);
        const auto fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
        digits_ = std::string(whole) + std::string(fraction);
        const bool is_number = !digits_.empty() && std::all_of(digits_.begin(), digits_.end(), is_digit);
        if (!is_number) throw ValueError("'" + all + "' is no finite decimal");
        const long places = static_cast<long>(fraction.size()) - exponent;
        if (places < 0) digits_.append(static_cast<std::size_t>(-places), '0');
        places_ = places > 0 ? static_cast<std::size_t>(places) : 0;
        normalize();
    }
    explicit Decimal(const std::string& text) : Decimal(std::string_view(text)) {}
    explicit Decimal(const char* text) : Decimal(std::string_view(text)) {}
    explicit Decimal(long long value) : Decimal(std::string_view(std::to_string(value))) {}

    /// The number without an exponent and without zeros at the end of its fraction, as the wire takes it.
    [[nodiscard]] std::string text() const {
        std::string text = digits_;
        if (places_ > 0) text.insert(text.size() - places_, ".");
        return negative_ ? "-" + text : text;
    }
    /// The closest double.
    [[nodiscard]] double to_double() const { return std::strtod(text().c_str(), nullptr); }
    /// As a parameter of a request.
    operator Value() const { return Value(text()); } // NOLINT: a Decimal may stand wherever a Value is expected

    Decimal operator-() const {
        Decimal other = *this;
        other.negative_ = !negative_ && digits_ != "0";
        return other;
    }
    friend Decimal operator+(const Decimal& a, const Decimal& b) { return sum(a, b); }
    friend Decimal operator-(const Decimal& a, const Decimal& b) { return sum(a, -b); }
    Decimal& operator+=(const Decimal& other) { return *this = *this + other; }
    Decimal& operator-=(const Decimal& other) { return *this = *this - other; }
    friend bool operator==(const Decimal& a, const Decimal& b) {
        return a.digits_ == b.digits_ && a.places_ == b.places_ && a.negative_ == b.negative_;
    }
    friend bool operator!=(const Decimal& a, const Decimal& b) { return !(a == b); }
    friend bool operator<(const Decimal& a, const Decimal& b) { return (a - b).negative_; }
    friend bool operator>(const Decimal& a, const Decimal& b) { return b < a; }
    friend bool operator<=(const Decimal& a, const Decimal& b) { return !(b < a); }
    friend bool operator>=(const Decimal& a, const Decimal& b) { return !(a < b); }

  private:
    static bool is_digit(char one) { return one >= '0' && one <= '9'; }

    static long read_exponent(std::string_view text, const std::string& all) {
        const std::string digits(text);
        char* end = nullptr;
        const long exponent = std::strtol(digits.c_str(), &end, 10);
        if (digits.empty() || *end != '\0' || exponent > 1000 || exponent < -1000) {
            throw ValueError("'" + all + "' is no decimal, or has a very large exponent");
        }
        return exponent;
    }

    /// At least one digit before the point, no other zeros in front, none at the end of the fraction, no minus zero.
    void normalize() {
        while (places_ > 0 && digits_.size() > 1 && digits_.back() == '0') {
            digits_.pop_back();
            --places_;
        }
        if (digits_.size() <= places_) digits_.insert(0, places_ + 1 - digits_.size(), '0');
        while (digits_.size() > places_ + 1 && digits_.front() == '0') digits_.erase(0, 1);
        if (std::all_of(digits_.begin(), digits_.end(), [](char one) { return one == '0'; })) {
            digits_ = "0";
            places_ = 0;
            negative_ = false;
        }
    }

    /// Both numbers with the same number of digits and of places.
    static std::pair<std::string, std::string> aligned(const Decimal& a, const Decimal& b) {
        std::string x = a.digits_;
        std::string y = b.digits_;
        const auto places = std::max(a.places_, b.places_);
        x.append(places - a.places_, '0');
        y.append(places - b.places_, '0');
        const auto size = std::max(x.size(), y.size());
        x.insert(0, size - x.size(), '0');
        y.insert(0, size - y.size(), '0');
        return {x, y};
    }

    static Decimal sum(const Decimal& a, const Decimal& b) {
        auto [x, y] = aligned(a, b);
        Decimal result;
        result.places_ = std::max(a.places_, b.places_);
        result.negative_ = a.negative_;
        const bool same_sign = a.negative_ == b.negative_;
        if (!same_sign && x < y) {
            std::swap(x, y);
            result.negative_ = b.negative_;
        }
        int carry = 0;
        std::string digits(x.size(), '0');
        for (std::size_t i = x.size(); i-- > 0;) {
            const int other = y[i] - '0';
            int digit = x[i] - '0' + carry + (same_sign ? other : -other);
            carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
            digit -= 10 * carry;
            digits[i] = static_cast<char>('0' + digit);
        }
        result.digits_ = carry == 1 ? "1" + digits : digits;
        result.normalize();
        return result;
    }

    std::string digits_;       // all digits, without the point; at least one
    std::size_t places_ = 0;   // how many of them are behind the point
    bool negative_ = false;
};

} // namespace tws_bridge
