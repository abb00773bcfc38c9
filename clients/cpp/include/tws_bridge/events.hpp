// Made by `tws-bridge schemas` from the declarations in schemas/. Do not edit it.
//
// A struct for the data of each event, with the names of schemas/generated/events.schema.json. A field that may be
// absent is a std::optional, or empty where it is a list or a map. What the structs do not have (fields of a newer
// bridge) stays in `event.data`. any_event.hpp has a variant of them all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decimal.hpp"
#include "value.hpp"

namespace tws_bridge::events {

namespace detail {

template <class T, class = void> struct Reader {
    static T read(const Value& value) { return value.as<T>(); }
};
template <class T> struct Reader<T, decltype(void(T::read(Value())))> {
    static T read(const Value& value) { return T::read(value); }
};
template <class T> struct Reader<std::vector<T>> {
    static std::vector<T> read(const Value& value) {
        std::vector<T> all;
        if (value.is_nil()) return all;
        all.reserve(value.list().size());
        for (const auto& one : value.list()) all.push_back(Reader<T>::read(one));
        return all;
    }
};
template <class T> struct Reader<std::map<std::string, T>> {
    static std::map<std::string, T> read(const Value& value) {
        std::map<std::string, T> all;
        if (value.is_nil()) return all;
        for (const auto& [key, one] : value.map()) all.emplace(key, Reader<T>::read(one));
        return all;
    }
};
template <class T> struct Reader<std::optional<T>> {
    static std::optional<T> read(const Value& value) {
        return value.is_nil() ? std::nullopt : std::optional<T>(Reader<T>::read(value));
    }
};

/// Read a field. Throws ValueError with its name where it has another type, or is missing and must be there.
template <class T> void get(const Value& value, const char* name, T& field) {
    try {
        field = Reader<T>::read(value[name]);
    } catch (const ValueError& error) {
        throw ValueError(std::string(name) + ": " + error.what());
    }
}

} // namespace detail

/// TWS has sent the whole account. Only changes follow.
struct AccountDownloadEndData {
    static constexpr std::string_view event = "accountDownloadEnd";
    /// Account.
    std::optional<std::string> accountName{};

    static AccountDownloadEndData read([[maybe_unused]] const Value& value) {
        AccountDownloadEndData data;
        detail::get(value, "accountName", data.accountName);
        return data;
    }
};

/// One value of an account summary.
struct AccountSummaryData {
    static constexpr std::string_view event = "accountSummary";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Account.
    std::optional<std::string> account{};
    /// Kind of value.
    std::optional<std::string> tag{};
    /// The value, as text.
    std::optional<std::string> value{};
    /// Currency of the value. Empty if it has none.
    std::optional<std::string> currency{};

    static AccountSummaryData read([[maybe_unused]] const Value& value) {
        AccountSummaryData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "account", data.account);
        detail::get(value, "tag", data.tag);
        detail::get(value, "value", data.value);
        detail::get(value, "currency", data.currency);
        return data;
    }
};

/// TWS has sent the whole summary. Changes follow every few minutes.
struct AccountSummaryEndData {
    static constexpr std::string_view event = "accountSummaryEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};

    static AccountSummaryEndData read([[maybe_unused]] const Value& value) {
        AccountSummaryEndData data;
        detail::get(value, "reqId", data.reqId);
        return data;
    }
};

/// One value of an account or model.
struct AccountUpdateMultiData {
    static constexpr std::string_view event = "accountUpdateMulti";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Account.
    std::optional<std::string> account{};
    /// Model.
    std::optional<std::string> modelCode{};
    /// Kind of value.
    std::optional<std::string> key{};
    /// The value, as text.
    std::optional<std::string> value{};
    /// Currency of the value. Empty if it has none.
    std::optional<std::string> currency{};

    static AccountUpdateMultiData read([[maybe_unused]] const Value& value) {
        AccountUpdateMultiData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "account", data.account);
        detail::get(value, "modelCode", data.modelCode);
        detail::get(value, "key", data.key);
        detail::get(value, "value", data.value);
        detail::get(value, "currency", data.currency);
        return data;
    }
};

/// TWS has sent all values. Only changes follow.
struct AccountUpdateMultiEndData {
    static constexpr std::string_view event = "accountUpdateMultiEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};

    static AccountUpdateMultiEndData read([[maybe_unused]] const Value& value) {
        AccountUpdateMultiEndData data;
        detail::get(value, "reqId", data.reqId);
        return data;
    }
};

/// The hedge of a delta-neutral combination.
struct DeltaNeutralContract {
    /// Contract ID of the hedge.
    std::optional<std::int32_t> conId{};
    /// Delta of the hedge: number of units of the hedge for one unit of the combination.
    std::optional<double> delta{};
    /// Price of the hedge at which the combination is quoted.
    std::optional<double> price{};

    static DeltaNeutralContract read([[maybe_unused]] const Value& value) {
        DeltaNeutralContract data;
        detail::get(value, "conId", data.conId);
        detail::get(value, "delta", data.delta);
        detail::get(value, "price", data.price);
        return data;
    }
};

/// One leg of a combination.
struct ComboLeg {
    /// Contract ID of the leg.
    std::optional<std::int32_t> conId{};
    /// Number of units of the leg in one unit of the combination.
    std::optional<std::int32_t> ratio{};
    /// Side of the leg when the combination is bought. BUY: buy; SELL: sell; SSHORT: sell short (institutions).
    std::optional<std::string> action{};
    /// Exchange of the leg.
    std::optional<std::string> exchange{};
    /// Whether the leg opens or closes a position. 0: same as the combination; 1: opens; 2: closes; 3: unknown.
    std::optional<std::int32_t> openClose{};
    /// Short legs of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered from
    /// elsewhere.
    std::optional<std::int32_t> shortSalesSlot{};
    /// Firm that lends the shares. Needed if shortSalesSlot is 2.
    std::optional<std::string> designatedLocation{};
    /// Reason for an exemption from the short-sale price test. -1: none.
    std::optional<std::int32_t> exemptCode{};
    /// Price of this leg, if the order has a price for each leg.
    std::optional<double> perLegPrice{};

    static ComboLeg read([[maybe_unused]] const Value& value) {
        ComboLeg data;
        detail::get(value, "conId", data.conId);
        detail::get(value, "ratio", data.ratio);
        detail::get(value, "action", data.action);
        detail::get(value, "exchange", data.exchange);
        detail::get(value, "openClose", data.openClose);
        detail::get(value, "shortSalesSlot", data.shortSalesSlot);
        detail::get(value, "designatedLocation", data.designatedLocation);
        detail::get(value, "exemptCode", data.exemptCode);
        detail::get(value, "perLegPrice", data.perLegPrice);
        return data;
    }
};

/// An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the other
/// fields that distinguish it.
struct Contract {
    /// IBKR's ID of the instrument. It is unique; a request needs only conId and exchange.
    std::optional<std::int32_t> conId{};
    /// Symbol of the instrument, or of its underlying.
    std::optional<std::string> symbol{};
    /// Kind of instrument. STK: stock or ETF; OPT: option; FUT: future; CONTFUT: continuous future (history only);
    /// FUT+CONTFUT: futures, and the continuous one; FOP: option on a future; IND: index; CASH: currency pair; CFD:
    /// contract for difference; BAG: combination; BOND: bond; BILL: treasury bill; FUND: mutual fund; CMDTY:
    /// commodity; WAR: warrant; IOPT: structured product; CRYPTO: cryptocurrency; NEWS: news source; EC: event
    /// contract.
    std::optional<std::string> secType{};
    /// Last trading day (yyyymmdd) or contract month (yyyymm) of a derivative. In protobuf form TWS may add the time
    /// and the zone.
    std::optional<std::string> lastTradeDateOrContractMonth{};
    /// Strike price of an option. 0: none.
    std::optional<double> strike{};
    /// Call or put. C: call; P: put; CALL: call; PUT: put; 0: none.
    std::optional<std::string> right{};
    /// Units of the underlying for one contract.
    std::optional<Decimal> multiplier{};
    /// Destination of orders and source of quotes: `SMART` or an exchange.
    std::optional<std::string> exchange{};
    /// Listing exchange. It distinguishes stocks with the same symbol.
    std::optional<std::string> primaryExch{};
    /// Trading currency.
    std::optional<std::string> currency{};
    /// Symbol at the exchange. For derivatives it is the whole code.
    std::optional<std::string> localSymbol{};
    /// Trading class. It distinguishes option series of one underlying.
    std::optional<std::string> tradingClass{};
    /// Kind of the identifier in secId. ISIN: ISIN; CUSIP: CUSIP; SEDOL: SEDOL; RIC: Reuters code; FIGI: FIGI.
    std::optional<std::string> secIdType{};
    /// Identifier by which to find the instrument.
    std::optional<std::string> secId{};
    /// Description of the instrument, as text for people.
    std::optional<std::string> description{};
    /// Issuer of a bond. A request with it returns all bonds of the issuer.
    std::optional<std::string> issuerId{};
    std::optional<DeltaNeutralContract> deltaNeutralContract{};
    /// Also find expired futures and options. For history and contract details only.
    std::optional<bool> includeExpired{};
    /// Description of the legs, as text for people.
    std::optional<std::string> comboLegsDescrip{};
    /// Legs of a combination (BAG).
    std::vector<ComboLeg> comboLegs{};
    /// Last trading day: yyyymmdd.
    std::optional<std::string> lastTradeDate{};

    static Contract read([[maybe_unused]] const Value& value) {
        Contract data;
        detail::get(value, "conId", data.conId);
        detail::get(value, "symbol", data.symbol);
        detail::get(value, "secType", data.secType);
        detail::get(value, "lastTradeDateOrContractMonth", data.lastTradeDateOrContractMonth);
        detail::get(value, "strike", data.strike);
        detail::get(value, "right", data.right);
        detail::get(value, "multiplier", data.multiplier);
        detail::get(value, "exchange", data.exchange);
        detail::get(value, "primaryExch", data.primaryExch);
        detail::get(value, "currency", data.currency);
        detail::get(value, "localSymbol", data.localSymbol);
        detail::get(value, "tradingClass", data.tradingClass);
        detail::get(value, "secIdType", data.secIdType);
        detail::get(value, "secId", data.secId);
        detail::get(value, "description", data.description);
        detail::get(value, "issuerId", data.issuerId);
        detail::get(value, "deltaNeutralContract", data.deltaNeutralContract);
        detail::get(value, "includeExpired", data.includeExpired);
        detail::get(value, "comboLegsDescrip", data.comboLegsDescrip);
        detail::get(value, "comboLegs", data.comboLegs);
        detail::get(value, "lastTradeDate", data.lastTradeDate);
        return data;
    }
};

/// Why the account may not trade the instrument.
struct IneligibilityReason {
    /// Code of the reason.
    std::optional<std::string> id{};
    /// The reason, as text for people.
    std::optional<std::string> description{};

    static IneligibilityReason read([[maybe_unused]] const Value& value) {
        IneligibilityReason data;
        detail::get(value, "id", data.id);
        detail::get(value, "description", data.description);
        return data;
    }
};

/// Details of an instrument: trading hours, price steps, order types, and the fields of its kind of instrument.
struct ContractDetails {
    /// Name of the market.
    std::optional<std::string> marketName{};
    /// Smallest price step on any of its exchanges. Market rules have the steps by price.
    std::optional<Decimal> minTick{};
    /// Order types and attributes that the exchange accepts, comma-separated.
    std::optional<std::string> orderTypes{};
    /// Exchanges on which the instrument trades, comma-separated.
    std::optional<std::string> validExchanges{};
    /// Factor between the prices of orders, ticks and history, and the prices of executions and strikes.
    std::optional<std::int32_t> priceMagnifier{};
    /// Contract ID of the underlying.
    std::optional<std::int32_t> underConId{};
    /// Full name.
    std::optional<std::string> longName{};
    /// Contract month: yyyymm.
    std::optional<std::string> contractMonth{};
    /// Industry.
    std::optional<std::string> industry{};
    /// Category within the industry.
    std::optional<std::string> category{};
    /// Subcategory within the category.
    std::optional<std::string> subcategory{};
    /// Time zone of the trading hours.
    std::optional<std::string> timeZoneId{};
    /// Trading hours by day, all sessions: `yyyymmdd:hhmm-yyyymmdd:hhmm;yyyymmdd:CLOSED`.
    std::optional<std::string> tradingHours{};
    /// Regular trading hours by day, in the form of tradingHours.
    std::optional<std::string> liquidHours{};
    /// Economic-value rule: how the price determines the value of a position.
    std::optional<std::string> evRule{};
    /// Economic value of a price unit, by evRule.
    std::optional<double> evMultiplier{};
    /// Identifiers by kind, such as ISIN.
    std::map<std::string, std::string> secIdList{};
    /// Group of exchanges whose depth SMART combines.
    std::optional<std::int32_t> aggGroup{};
    /// Symbol of the underlying.
    std::optional<std::string> underSymbol{};
    /// Kind of the underlying.
    std::optional<std::string> underSecType{};
    /// Market rule of each of validExchanges, in their order, comma-separated.
    std::optional<std::string> marketRuleIds{};
    /// Real expiration date: yyyymmdd.
    std::optional<std::string> realExpirationDate{};
    /// Kind of stock, such as COMMON or ETF.
    std::optional<std::string> stockType{};
    /// Smallest order size.
    std::optional<Decimal> minSize{};
    /// Step of order sizes.
    std::optional<Decimal> sizeIncrement{};
    /// Step of order sizes that TWS suggests.
    std::optional<Decimal> suggestedSizeIncrement{};
    /// Funds: name.
    std::optional<std::string> fundName{};
    /// Funds: family.
    std::optional<std::string> fundFamily{};
    /// Funds: type.
    std::optional<std::string> fundType{};
    /// Funds: fee on buying.
    std::optional<std::string> fundFrontLoad{};
    /// Funds: fee on selling.
    std::optional<std::string> fundBackLoad{};
    /// Funds: time after which the fee on selling no longer applies.
    std::optional<std::string> fundBackLoadTimeInterval{};
    /// Funds: yearly fee.
    std::optional<std::string> fundManagementFee{};
    /// Funds: closed.
    std::optional<bool> fundClosed{};
    /// Funds: closed for new investors.
    std::optional<bool> fundClosedForNewInvestors{};
    /// Funds: closed for new money.
    std::optional<bool> fundClosedForNewMoney{};
    /// Funds: amount from which notice is needed.
    std::optional<std::string> fundNotifyAmount{};
    /// Funds: smallest first purchase.
    std::optional<std::string> fundMinimumInitialPurchase{};
    /// Funds: smallest further purchase.
    std::optional<std::string> fundMinimumSubsequentPurchase{};
    /// Funds: US states in which the fund is offered.
    std::optional<std::string> fundBlueSkyStates{};
    /// Funds: US territories in which the fund is offered.
    std::optional<std::string> fundBlueSkyTerritories{};
    /// Funds: whether the fund pays income out. N: accumulates; Y: pays out.
    std::optional<std::string> fundDistributionPolicyIndicator{};
    /// Funds: kind of assets. 000: others; 001: money market; 002: fixed income; 003: several; 004: equity; 005:
    /// sector; 006: guaranteed; 007: alternative.
    std::optional<std::string> fundAssetType{};
    /// Bonds: CUSIP.
    std::optional<std::string> cusip{};
    /// Bonds: day of issue.
    std::optional<std::string> issueDate{};
    /// Bonds: ratings.
    std::optional<std::string> ratings{};
    /// Bonds: type.
    std::optional<std::string> bondType{};
    /// Bonds: coupon in percent.
    std::optional<double> coupon{};
    /// Bonds: type of the coupon.
    std::optional<std::string> couponType{};
    /// Bonds: can be converted into stock.
    std::optional<bool> convertible{};
    /// Bonds: the issuer may redeem early.
    std::optional<bool> callable{};
    /// Bonds: the holder may demand early redemption.
    std::optional<bool> puttable{};
    /// Bonds: description, as in TWS.
    std::optional<std::string> descAppend{};
    /// Bonds: day of the next call or put.
    std::optional<std::string> nextOptionDate{};
    /// Bonds: kind of the next option, call or put.
    std::optional<std::string> nextOptionType{};
    /// Bonds: the next option is for a part only.
    std::optional<bool> nextOptionPartial{};
    /// Bonds: notes.
    std::optional<std::string> bondNotes{};
    /// Why the account may not trade the instrument. Empty if it may.
    std::vector<IneligibilityReason> ineligibilityReasonList{};
    /// Event contracts: the event.
    std::optional<std::string> eventContract1{};
    /// Event contracts: first line of the description.
    std::optional<std::string> eventContractDescription1{};
    /// Event contracts: second line of the description.
    std::optional<std::string> eventContractDescription2{};
    /// Smallest size of an algo order.
    std::optional<Decimal> minAlgoSize{};
    /// Step of last prices.
    std::optional<Decimal> lastPricePrecision{};
    /// Step of last sizes.
    std::optional<Decimal> lastSizePrecision{};
    /// How the contract settles, such as by cash.
    std::optional<std::string> settlementMethod{};

    static ContractDetails read([[maybe_unused]] const Value& value) {
        ContractDetails data;
        detail::get(value, "marketName", data.marketName);
        detail::get(value, "minTick", data.minTick);
        detail::get(value, "orderTypes", data.orderTypes);
        detail::get(value, "validExchanges", data.validExchanges);
        detail::get(value, "priceMagnifier", data.priceMagnifier);
        detail::get(value, "underConId", data.underConId);
        detail::get(value, "longName", data.longName);
        detail::get(value, "contractMonth", data.contractMonth);
        detail::get(value, "industry", data.industry);
        detail::get(value, "category", data.category);
        detail::get(value, "subcategory", data.subcategory);
        detail::get(value, "timeZoneId", data.timeZoneId);
        detail::get(value, "tradingHours", data.tradingHours);
        detail::get(value, "liquidHours", data.liquidHours);
        detail::get(value, "evRule", data.evRule);
        detail::get(value, "evMultiplier", data.evMultiplier);
        detail::get(value, "secIdList", data.secIdList);
        detail::get(value, "aggGroup", data.aggGroup);
        detail::get(value, "underSymbol", data.underSymbol);
        detail::get(value, "underSecType", data.underSecType);
        detail::get(value, "marketRuleIds", data.marketRuleIds);
        detail::get(value, "realExpirationDate", data.realExpirationDate);
        detail::get(value, "stockType", data.stockType);
        detail::get(value, "minSize", data.minSize);
        detail::get(value, "sizeIncrement", data.sizeIncrement);
        detail::get(value, "suggestedSizeIncrement", data.suggestedSizeIncrement);
        detail::get(value, "fundName", data.fundName);
        detail::get(value, "fundFamily", data.fundFamily);
        detail::get(value, "fundType", data.fundType);
        detail::get(value, "fundFrontLoad", data.fundFrontLoad);
        detail::get(value, "fundBackLoad", data.fundBackLoad);
        detail::get(value, "fundBackLoadTimeInterval", data.fundBackLoadTimeInterval);
        detail::get(value, "fundManagementFee", data.fundManagementFee);
        detail::get(value, "fundClosed", data.fundClosed);
        detail::get(value, "fundClosedForNewInvestors", data.fundClosedForNewInvestors);
        detail::get(value, "fundClosedForNewMoney", data.fundClosedForNewMoney);
        detail::get(value, "fundNotifyAmount", data.fundNotifyAmount);
        detail::get(value, "fundMinimumInitialPurchase", data.fundMinimumInitialPurchase);
        detail::get(value, "fundMinimumSubsequentPurchase", data.fundMinimumSubsequentPurchase);
        detail::get(value, "fundBlueSkyStates", data.fundBlueSkyStates);
        detail::get(value, "fundBlueSkyTerritories", data.fundBlueSkyTerritories);
        detail::get(value, "fundDistributionPolicyIndicator", data.fundDistributionPolicyIndicator);
        detail::get(value, "fundAssetType", data.fundAssetType);
        detail::get(value, "cusip", data.cusip);
        detail::get(value, "issueDate", data.issueDate);
        detail::get(value, "ratings", data.ratings);
        detail::get(value, "bondType", data.bondType);
        detail::get(value, "coupon", data.coupon);
        detail::get(value, "couponType", data.couponType);
        detail::get(value, "convertible", data.convertible);
        detail::get(value, "callable", data.callable);
        detail::get(value, "puttable", data.puttable);
        detail::get(value, "descAppend", data.descAppend);
        detail::get(value, "nextOptionDate", data.nextOptionDate);
        detail::get(value, "nextOptionType", data.nextOptionType);
        detail::get(value, "nextOptionPartial", data.nextOptionPartial);
        detail::get(value, "bondNotes", data.bondNotes);
        detail::get(value, "ineligibilityReasonList", data.ineligibilityReasonList);
        detail::get(value, "eventContract1", data.eventContract1);
        detail::get(value, "eventContractDescription1", data.eventContractDescription1);
        detail::get(value, "eventContractDescription2", data.eventContractDescription2);
        detail::get(value, "minAlgoSize", data.minAlgoSize);
        detail::get(value, "lastPricePrecision", data.lastPricePrecision);
        detail::get(value, "lastSizePrecision", data.lastSizePrecision);
        detail::get(value, "settlementMethod", data.settlementMethod);
        return data;
    }
};

/// A bond that matches, with its details.
struct BondContractDetailsData {
    static constexpr std::string_view event = "bondContractDetails";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    std::optional<Contract> contract{};
    std::optional<ContractDetails> contractDetails{};

    static BondContractDetailsData read([[maybe_unused]] const Value& value) {
        BondContractDetailsData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "contract", data.contract);
        detail::get(value, "contractDetails", data.contractDetails);
        return data;
    }
};

/// Cost and realized profit of an execution. TWS sends it after execDetails with the same execId.
struct CommissionAndFeesReportData {
    static constexpr std::string_view event = "commissionAndFeesReport";
    /// Execution of this report.
    std::optional<std::string> execId{};
    /// Commission and fees.
    std::optional<double> commissionAndFees{};
    /// Currency of the commission and fees.
    std::optional<std::string> currency{};
    /// Profit that the execution realized. Absent if it opened a position.
    std::optional<double> realizedPNL{};
    /// Yield of a bond trade.
    std::optional<double> bondYield{};
    /// Redemption date for which the yield holds: yyyymmdd.
    std::optional<std::string> yieldRedemptionDate{};

    static CommissionAndFeesReportData read([[maybe_unused]] const Value& value) {
        CommissionAndFeesReportData data;
        detail::get(value, "execId", data.execId);
        detail::get(value, "commissionAndFees", data.commissionAndFees);
        detail::get(value, "currency", data.currency);
        detail::get(value, "realizedPNL", data.realizedPNL);
        detail::get(value, "bondYield", data.bondYield);
        detail::get(value, "yieldRedemptionDate", data.yieldRedemptionDate);
        return data;
    }
};

/// One condition of an order. TWS sends the order, or cancels it, when its conditions hold. `type` decides which of
/// the other fields apply.
struct OrderCondition {
    /// What the condition checks. 1: price; 3: time; 4: margin cushion; 5: a trade happens; 6: volume; 7: change in
    /// percent.
    std::optional<std::int32_t> type{};
    /// True: `and` joins this condition with the next one. False: `or`.
    std::optional<bool> isConjunctionConnection{};
    /// True: the condition holds above the value, or after the time. False: below the value, or before the time.
    std::optional<bool> isMore{};
    /// Price, volume and percent conditions: contract ID of the instrument.
    std::optional<std::int32_t> conId{};
    /// Exchange of the instrument. For execution conditions: exchange of the trade.
    std::optional<std::string> exchange{};
    /// Execution conditions: symbol of the trade.
    std::optional<std::string> symbol{};
    /// Execution conditions: kind of contract of the trade.
    std::optional<std::string> secType{};
    /// Margin conditions: margin cushion in percent.
    std::optional<std::int32_t> percent{};
    /// Percent conditions: change of the price in percent.
    std::optional<double> changePercent{};
    /// Price conditions: price to pass.
    std::optional<double> price{};
    /// Price conditions: prices that TWS checks. 0: default of the product; 1: two bids or asks in a row; 2: last
    /// price; 3: two last prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
    std::optional<std::int32_t> triggerMethod{};
    /// Time conditions: time to pass, `yyyymmdd hh:mm:ss zone`.
    std::optional<std::string> time{};
    /// Volume conditions: volume to pass.
    std::optional<std::int32_t> volume{};

    static OrderCondition read([[maybe_unused]] const Value& value) {
        OrderCondition data;
        detail::get(value, "type", data.type);
        detail::get(value, "isConjunctionConnection", data.isConjunctionConnection);
        detail::get(value, "isMore", data.isMore);
        detail::get(value, "conId", data.conId);
        detail::get(value, "exchange", data.exchange);
        detail::get(value, "symbol", data.symbol);
        detail::get(value, "secType", data.secType);
        detail::get(value, "percent", data.percent);
        detail::get(value, "changePercent", data.changePercent);
        detail::get(value, "price", data.price);
        detail::get(value, "triggerMethod", data.triggerMethod);
        detail::get(value, "time", data.time);
        detail::get(value, "volume", data.volume);
        return data;
    }
};

/// A commission tier that an advisor or institution agreed with IBKR.
struct SoftDollarTier {
    /// Name of the tier.
    std::optional<std::string> name{};
    /// Value of the tier in orders.
    std::optional<std::string> value{};
    /// Name that TWS shows.
    std::optional<std::string> displayName{};

    static SoftDollarTier read([[maybe_unused]] const Value& value) {
        SoftDollarTier data;
        detail::get(value, "name", data.name);
        detail::get(value, "value", data.value);
        detail::get(value, "displayName", data.displayName);
        return data;
    }
};

/// An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its type uses.
struct Order {
    /// Client ID of the connection that placed the order; 0 is TWS itself.
    std::optional<std::int32_t> clientId{};
    /// Number that the client gave to the order. It is unique among that client's orders.
    std::optional<std::int32_t> orderId{};
    /// Permanent number that IBKR gives to the order. It is unique in the account.
    std::optional<std::string> permId{};
    /// orderId of the parent. This order waits until the parent is filled. 0 or absent: no parent.
    std::optional<std::int32_t> parentId{};
    /// Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions).
    std::optional<std::string> action{};
    /// Quantity to buy or sell, in shares, contracts or units of currency.
    std::optional<Decimal> totalQuantity{};
    /// Part of the quantity that the market may see (iceberg order).
    std::optional<std::int32_t> displaySize{};
    /// Order type. TWS has more types than these, by exchange and product. MKT: at market; LMT: limit; STP: stop; STP
    /// LMT: stop-limit; TRAIL: trailing stop; TRAIL LIMIT: trailing stop-limit; MIT: market if touched; LIT: limit if
    /// touched; MOC: market on close; LOC: limit on close; MTL: market, the rest as limit; MKT PRT: market with
    /// protection; STP PRT: stop with protection; REL: relative to the best quote; PEG MKT: pegged to the other side
    /// of the market; PEG MID: pegged to the midpoint; PEG BEST: competes with the best price; PEG STK: pegged to the
    /// stock; PEG BENCH: pegged to a benchmark; PASSV REL: passive relative; MIDPRICE: midpoint or better; SNAP MKT:
    /// starts at the other side of the market; SNAP MID: starts at the midpoint; SNAP PRIM: starts at the own side of
    /// the market; VOL: by volatility; BOX TOP: best price, the rest as limit; REL + LMT: combination: relative and
    /// limit; REL + MKT: combination: relative and market; LMT + MKT: combination: limit and market.
    std::optional<std::string> orderType{};
    /// Limit price. For relative and trailing-limit orders: the limit or cap of that type.
    std::optional<double> lmtPrice{};
    /// Second price, by order type: the stop's trigger, the trailing amount, the offset of a relative or pegged
    /// order, the touch price of MIT and LIT.
    std::optional<double> auxPrice{};
    /// How long the order works. `goodTillDate` goes with GTD. DAY: until the end of the day; GTC: until cancelled;
    /// IOC: at once, the rest cancelled; GTD: until a date; OPG: at the open; FOK: at once and in full, or not at
    /// all; DTC: until the end of the day, then taken from the market; AUC: in the auction; OVERNIGHT: in the
    /// overnight session.
    std::optional<std::string> tif{};
    /// Account that trades. Needed if the login has several accounts.
    std::optional<std::string> account{};
    /// Firm that settles the trade. Institutions only.
    std::optional<std::string> settlingFirm{};
    /// Account of the true beneficiary, if IBKR executes for another clearing firm.
    std::optional<std::string> clearingAccount{};
    /// Who clears the trade. Absent: the account's default. IB: IBKR; AWAY: another firm; PTA: decided after the
    /// trade.
    std::optional<std::string> clearingIntent{};
    /// Fill the whole quantity at once or not at all.
    std::optional<bool> allOrNone{};
    /// Mark the order as a block order, for large option orders at ISE.
    std::optional<bool> blockOrder{};
    /// Do not show the order in the book (NASDAQ-routed orders).
    std::optional<bool> hidden{};
    /// The order may also trigger and fill outside regular trading hours.
    std::optional<bool> outsideRth{};
    /// Take the displayed liquidity of all venues at once.
    std::optional<bool> sweepToFill{};
    /// Offset of a relative order, as a fraction of the price.
    std::optional<double> percentOffset{};
    /// Trailing amount as a percentage. Alternative to auxPrice.
    std::optional<double> trailingPercent{};
    /// Starting stop price of a trailing order.
    std::optional<double> trailStopPrice{};
    /// Smallest quantity of a fill.
    std::optional<std::int32_t> minQty{};
    /// Time until which TWS holds the order back: `yyyymmdd hh:mm:ss zone`.
    std::optional<std::string> goodAfterTime{};
    /// Time at which TWS cancels an order with tif GTD: `yyyymmdd hh:mm:ss zone`.
    std::optional<std::string> goodTillDate{};
    /// Name of a one-cancels-all group. TWS shares the name across the account.
    std::optional<std::string> ocaGroup{};
    /// The client's own text. TWS keeps it with the order and its executions.
    std::optional<std::string> orderRef{};
    /// Capacity in which the order is entered, by the old NYSE rule 80A. I: individual; A: agency; W: agent for
    /// another member; J: individual, program trade with index arbitrage; U: agency, program trade with index
    /// arbitrage; M: agent for another member, program trade with index arbitrage; K: individual, program trade; Y:
    /// agency, program trade; N: agent for another member, program trade.
    std::optional<std::string> rule80A{};
    /// Effect of a fill on the other orders of the OCA group. 1: cancel the rest, while one order works at a time; 2:
    /// reduce the rest, while one order works at a time; 3: reduce the rest, while all orders work.
    std::optional<std::int32_t> ocaType{};
    /// Prices that trigger a stop. 0: default of the product; 1: two bids or asks in a row; 2: last price; 3: two
    /// last prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
    std::optional<std::int32_t> triggerMethod{};
    /// Time at which a GTC order starts to work: `yyyymmdd hh:mm:ss zone`.
    std::optional<std::string> activeStartTime{};
    /// Time at which a GTC order stops working: `yyyymmdd hh:mm:ss zone`.
    std::optional<std::string> activeStopTime{};
    /// Advisors: account group to which TWS allocates the order.
    std::optional<std::string> faGroup{};
    /// Advisors: how TWS allocates the order within the group. Equal: in equal parts; NetLiq: by net liquidation
    /// value; AvailableEquity: by available equity; PctChange: by a percentage of the position.
    std::optional<std::string> faMethod{};
    /// Advisors: percentage, for methods that need one.
    std::optional<std::string> faPercentage{};
    /// Volatility orders: the implied volatility to quote, in percent.
    std::optional<double> volatility{};
    /// Volatility orders: period of the volatility. 1: daily; 2: annual.
    std::optional<std::int32_t> volatilityType{};
    /// Volatility orders: adjust the limit price when the underlying moves.
    std::optional<bool> continuousUpdate{};
    /// Volatility orders and their hedge: price of the underlying that TWS uses. 1: average of bid and ask; 2: bid or
    /// ask.
    std::optional<std::int32_t> referencePriceType{};
    /// Order type of the delta-neutral hedge. TWS sends `None` if there is no hedge.
    std::optional<std::string> deltaNeutralOrderType{};
    /// Second price of the hedge order, like auxPrice of the order.
    std::optional<double> deltaNeutralAuxPrice{};
    /// Contract ID of the hedge.
    std::optional<std::int32_t> deltaNeutralConId{};
    /// Whether the hedge opens or closes a position. O: opens; C: closes.
    std::optional<std::string> deltaNeutralOpenClose{};
    /// Whether the hedge is a short sale.
    std::optional<bool> deltaNeutralShortSale{};
    /// Source of the shares of a short hedge, like shortSaleSlot. 0: does not apply; 1: held by the broker; 2:
    /// delivered from elsewhere.
    std::optional<std::int32_t> deltaNeutralShortSaleSlot{};
    /// Firm that lends the shares of a short hedge. Needed if deltaNeutralShortSaleSlot is 2.
    std::optional<std::string> deltaNeutralDesignatedLocation{};
    /// Scale orders: size of the first level.
    std::optional<std::int32_t> scaleInitLevelSize{};
    /// Scale orders: size of each further level.
    std::optional<std::int32_t> scaleSubsLevelSize{};
    /// Scale orders: price step between levels. A value above 0 makes the order a scale order.
    std::optional<double> scalePriceIncrement{};
    /// Scale orders: change of the starting price in each interval.
    std::optional<double> scalePriceAdjustValue{};
    /// Scale orders: seconds between these changes.
    std::optional<std::int32_t> scalePriceAdjustInterval{};
    /// Scale orders: distance of the profit-taking orders.
    std::optional<double> scaleProfitOffset{};
    /// Scale orders: restore a level after its profit was taken.
    std::optional<bool> scaleAutoReset{};
    /// Scale orders: position at the start.
    std::optional<std::int32_t> scaleInitPosition{};
    /// Scale orders: quantity already filled at the first level.
    std::optional<std::int32_t> scaleInitFillQty{};
    /// Scale orders: vary the level sizes at random.
    std::optional<bool> scaleRandomPercent{};
    /// Scale orders: levels as a table, instead of the fields above.
    std::optional<std::string> scaleTable{};
    /// How this child order hedges its parent. D: delta; B: beta; F: currency; P: pair.
    std::optional<std::string> hedgeType{};
    /// Parameter of the hedge: the beta, or the ratio of a pair. For orders with hedgeType only.
    std::optional<std::string> hedgeParam{};
    /// Name of an IBKR or third-party algo, such as `Adaptive`, `Vwap`, `Twap`, `ArrivalPx`, `DarkIce`.
    std::optional<std::string> algoStrategy{};
    /// Parameters of the algo by tag. For orders with algoStrategy only.
    std::map<std::string, std::string> algoParams{};
    /// Identifier of the algorithm that made the order.
    std::optional<std::string> algoId{};
    /// How SMART routes a combination, by tag (`NonGuaranteed` and others).
    std::map<std::string, std::string> smartComboRoutingParams{};
    /// Do not place the order: only compute margin and fees, which TWS sends in orderState.
    std::optional<bool> whatIf{};
    /// Send the order to the market. False: TWS holds the order, as it does with the first orders of a bracket.
    std::optional<bool> transmit{};
    /// Ignore TWS's precautionary limits on price and size.
    std::optional<bool> overridePercentageConstraints{};
    /// Whether the order opens or closes a position. For institutions and some exchanges only. O: opens; C: closes.
    std::optional<std::string> openClose{};
    /// Origin of the order. 0: customer; 1: firm.
    std::optional<std::int32_t> origin{};
    /// Short sales of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered from
    /// elsewhere.
    std::optional<std::int32_t> shortSaleSlot{};
    /// Firm that lends the shares. Needed if shortSaleSlot is 2.
    std::optional<std::string> designatedLocation{};
    /// Reason for an exemption from the short-sale price test (Reg SHO). -1: none.
    std::optional<std::int32_t> exemptCode{};
    /// Firm that settles the hedge.
    std::optional<std::string> deltaNeutralSettlingFirm{};
    /// Account of the hedge's true beneficiary.
    std::optional<std::string> deltaNeutralClearingAccount{};
    /// Who clears the hedge. IB: IBKR; AWAY: another firm; PTA: decided after the trade.
    std::optional<std::string> deltaNeutralClearingIntent{};
    /// Amount by which a fill may be beyond the limit price, in price units.
    std::optional<double> discretionaryAmt{};
    /// Do not use SMART routing for the order.
    std::optional<bool> optOutSmartRouting{};
    /// Auction orders (BOX): starting price.
    std::optional<double> startingPrice{};
    /// Pegged-to-stock orders: reference price of the stock.
    std::optional<double> stockRefPrice{};
    /// Pegged-to-stock orders: change of the order's price for each unit of the stock's price.
    std::optional<double> delta{};
    /// Price of the stock below which TWS cancels the order.
    std::optional<double> stockRangeLower{};
    /// Price of the stock above which TWS cancels the order.
    std::optional<double> stockRangeUpper{};
    /// Give the broker discretion over time and price. IBDARK only.
    std::optional<bool> notHeld{};
    /// More options by tag, for IBKR's internal use.
    std::map<std::string, std::string> orderMiscOptions{};
    /// True: the broker advised this order.
    std::optional<bool> solicited{};
    /// Vary the displayed size at random, by up to half. For iceberg and similar orders.
    std::optional<bool> randomizeSize{};
    /// Vary the price at random, by up to half the spread. For relative and similar orders.
    std::optional<bool> randomizePrice{};
    /// Pegged-to-benchmark orders: contract ID of the benchmark.
    std::optional<std::int32_t> referenceContractId{};
    /// Pegged-to-benchmark orders: change of the price for each referenceChangeAmount.
    std::optional<double> peggedChangeAmount{};
    /// Pegged-to-benchmark orders: the price falls when the benchmark rises.
    std::optional<bool> isPeggedChangeAmountDecrease{};
    /// Pegged-to-benchmark orders: change of the benchmark that changes the price once.
    std::optional<double> referenceChangeAmount{};
    /// Pegged-to-benchmark orders: exchange of the benchmark's price.
    std::optional<std::string> referenceExchangeId{};
    /// Adjustable stops: order type after the adjustment. TWS sends `None` if there is none.
    std::optional<std::string> adjustedOrderType{};
    /// Adjustable stops: price that triggers the adjustment.
    std::optional<double> triggerPrice{};
    /// Adjustable stops: stop price after the adjustment.
    std::optional<double> adjustedStopPrice{};
    /// Adjustable stops: limit price of the stop-limit order after the adjustment.
    std::optional<double> adjustedStopLimitPrice{};
    /// Adjustable stops: trailing amount after the adjustment.
    std::optional<double> adjustedTrailingAmount{};
    /// Adjustable stops: unit of adjustedTrailingAmount. 0: amount; 1: percent.
    std::optional<std::int32_t> adjustableTrailingUnit{};
    /// Offset of the limit from the stop price of a trailing stop-limit order.
    std::optional<double> lmtPriceOffset{};
    /// Conditions of the order, joined by `and` or `or` in their sequence.
    std::vector<OrderCondition> conditions{};
    /// The conditions cancel the order instead of sending it.
    std::optional<bool> conditionsCancelOrder{};
    /// Also check the conditions outside regular trading hours.
    std::optional<bool> conditionsIgnoreRth{};
    /// Portfolio model of the order.
    std::optional<std::string> modelCode{};
    /// Person or system that enters the order (CME rule 576 and similar rules).
    std::optional<std::string> extOperator{};
    std::optional<SoftDollarTier> softDollarTier{};
    /// Amount of money to spend instead of a quantity, in the contract's currency.
    std::optional<double> cashQty{};
    /// MiFID II: short code of the person who decided.
    std::optional<std::string> mifid2DecisionMaker{};
    /// MiFID II: short code of the algorithm that decided.
    std::optional<std::string> mifid2DecisionAlgo{};
    /// MiFID II: short code of the person who executes.
    std::optional<std::string> mifid2ExecutionTrader{};
    /// MiFID II: short code of the algorithm that executes.
    std::optional<std::string> mifid2ExecutionAlgo{};
    /// Do not let TWS choose the price of the hedge order.
    std::optional<bool> dontUseAutoPriceForHedge{};
    /// Create a ticket in TWS instead of an order in the market. TWS is then an order-management system.
    std::optional<bool> isOmsContainer{};
    /// Relative orders: discretion up to the limit price (D-Peg).
    std::optional<bool> discretionaryUpToLimitPrice{};
    /// When TWS cancels the order automatically.
    std::optional<std::string> autoCancelDate{};
    /// Filled quantity of a completed order.
    std::optional<Decimal> filledQuantity{};
    /// Contract ID of a future to which the order refers.
    std::optional<std::int32_t> refFuturesConId{};
    /// Cancel the parent when this order is cancelled.
    std::optional<bool> autoCancelParent{};
    /// Shareholder, for exchanges that require it.
    std::optional<std::string> shareholder{};
    /// Auction orders: work only against an imbalance.
    std::optional<bool> imbalanceOnly{};
    /// Route the marketable part straight to the best quote.
    std::optional<std::int32_t> routeMarketableToBbo{};
    /// permId of the parent.
    std::optional<std::string> parentPermId{};
    /// Let IBKR's price management algo improve the price. Absent: the account's setting. 0: no; 1: yes.
    std::optional<std::int32_t> usePriceMgmtAlgo{};
    /// Seconds after which TWS cancels the order.
    std::optional<std::int32_t> duration{};
    /// Seconds that a SMART order stays at IBKRATS before TWS routes it on.
    std::optional<std::int32_t> postToAts{};
    /// Advanced rejects to override, by the names in the error's advancedOrderRejectJson.
    std::optional<std::string> advancedErrorOverride{};
    /// When the client gave a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone.
    std::optional<std::string> manualOrderTime{};
    /// IBKRATS and PEG BEST: smallest quantity of one trade.
    std::optional<std::int32_t> minTradeQty{};
    /// PEG BEST: smallest size at the best price against which to compete.
    std::optional<std::int32_t> minCompeteSize{};
    /// PEG BEST: amount by which to improve the best price. Infinite: up to the midpoint.
    std::optional<double> competeAgainstBestOffset{};
    /// PEG MID and PEG BEST: offset from the midpoint when the spread is an even number of cents.
    std::optional<double> midOffsetAtWhole{};
    /// PEG MID and PEG BEST: offset from the midpoint when the spread is an odd number of cents.
    std::optional<double> midOffsetAtHalf{};
    /// Customer's account, where regulation requires it.
    std::optional<std::string> customerAccount{};
    /// True: the customer is a professional by the exchanges' rule.
    std::optional<bool> professionalCustomer{};
    /// Accrued interest of a bond order, as TWS writes it.
    std::optional<std::string> bondAccruedInterest{};
    /// The order may also trade in the overnight session.
    std::optional<bool> includeOvernight{};
    /// Whether a person or a system entered the order (CME rule 536-B).
    std::optional<std::int32_t> manualOrderIndicator{};
    /// User who submitted the order.
    std::optional<std::string> submitter{};
    /// Remove the order from the market but keep it in TWS.
    std::optional<bool> deactivate{};
    /// Only add liquidity. An order that would trade at once is refused or repriced.
    std::optional<bool> postOnly{};
    /// The order may work before the open.
    std::optional<bool> allowPreOpen{};
    /// Do not take part in the opening auction.
    std::optional<bool> ignoreOpenAuction{};
    /// Seek a better price than the best quote. Absent: the account's setting.
    std::optional<std::int32_t> seekPriceImprovement{};
    /// Kind of preview, for orders with whatIf.
    std::optional<std::int32_t> whatIfType{};
    /// Largest size of the hedge.
    std::optional<std::int32_t> hedgeMaxSize{};
    /// Also check the conditions in the overnight session.
    std::optional<bool> conditionsIncludeOvernight{};
    /// Auction orders (BOX): strategy. Text form only. 0: none; 1: match; 2: improvement; 3: transparent.
    std::optional<std::int32_t> auctionStrategy{};

    static Order read([[maybe_unused]] const Value& value) {
        Order data;
        detail::get(value, "clientId", data.clientId);
        detail::get(value, "orderId", data.orderId);
        detail::get(value, "permId", data.permId);
        detail::get(value, "parentId", data.parentId);
        detail::get(value, "action", data.action);
        detail::get(value, "totalQuantity", data.totalQuantity);
        detail::get(value, "displaySize", data.displaySize);
        detail::get(value, "orderType", data.orderType);
        detail::get(value, "lmtPrice", data.lmtPrice);
        detail::get(value, "auxPrice", data.auxPrice);
        detail::get(value, "tif", data.tif);
        detail::get(value, "account", data.account);
        detail::get(value, "settlingFirm", data.settlingFirm);
        detail::get(value, "clearingAccount", data.clearingAccount);
        detail::get(value, "clearingIntent", data.clearingIntent);
        detail::get(value, "allOrNone", data.allOrNone);
        detail::get(value, "blockOrder", data.blockOrder);
        detail::get(value, "hidden", data.hidden);
        detail::get(value, "outsideRth", data.outsideRth);
        detail::get(value, "sweepToFill", data.sweepToFill);
        detail::get(value, "percentOffset", data.percentOffset);
        detail::get(value, "trailingPercent", data.trailingPercent);
        detail::get(value, "trailStopPrice", data.trailStopPrice);
        detail::get(value, "minQty", data.minQty);
        detail::get(value, "goodAfterTime", data.goodAfterTime);
        detail::get(value, "goodTillDate", data.goodTillDate);
        detail::get(value, "ocaGroup", data.ocaGroup);
        detail::get(value, "orderRef", data.orderRef);
        detail::get(value, "rule80A", data.rule80A);
        detail::get(value, "ocaType", data.ocaType);
        detail::get(value, "triggerMethod", data.triggerMethod);
        detail::get(value, "activeStartTime", data.activeStartTime);
        detail::get(value, "activeStopTime", data.activeStopTime);
        detail::get(value, "faGroup", data.faGroup);
        detail::get(value, "faMethod", data.faMethod);
        detail::get(value, "faPercentage", data.faPercentage);
        detail::get(value, "volatility", data.volatility);
        detail::get(value, "volatilityType", data.volatilityType);
        detail::get(value, "continuousUpdate", data.continuousUpdate);
        detail::get(value, "referencePriceType", data.referencePriceType);
        detail::get(value, "deltaNeutralOrderType", data.deltaNeutralOrderType);
        detail::get(value, "deltaNeutralAuxPrice", data.deltaNeutralAuxPrice);
        detail::get(value, "deltaNeutralConId", data.deltaNeutralConId);
        detail::get(value, "deltaNeutralOpenClose", data.deltaNeutralOpenClose);
        detail::get(value, "deltaNeutralShortSale", data.deltaNeutralShortSale);
        detail::get(value, "deltaNeutralShortSaleSlot", data.deltaNeutralShortSaleSlot);
        detail::get(value, "deltaNeutralDesignatedLocation", data.deltaNeutralDesignatedLocation);
        detail::get(value, "scaleInitLevelSize", data.scaleInitLevelSize);
        detail::get(value, "scaleSubsLevelSize", data.scaleSubsLevelSize);
        detail::get(value, "scalePriceIncrement", data.scalePriceIncrement);
        detail::get(value, "scalePriceAdjustValue", data.scalePriceAdjustValue);
        detail::get(value, "scalePriceAdjustInterval", data.scalePriceAdjustInterval);
        detail::get(value, "scaleProfitOffset", data.scaleProfitOffset);
        detail::get(value, "scaleAutoReset", data.scaleAutoReset);
        detail::get(value, "scaleInitPosition", data.scaleInitPosition);
        detail::get(value, "scaleInitFillQty", data.scaleInitFillQty);
        detail::get(value, "scaleRandomPercent", data.scaleRandomPercent);
        detail::get(value, "scaleTable", data.scaleTable);
        detail::get(value, "hedgeType", data.hedgeType);
        detail::get(value, "hedgeParam", data.hedgeParam);
        detail::get(value, "algoStrategy", data.algoStrategy);
        detail::get(value, "algoParams", data.algoParams);
        detail::get(value, "algoId", data.algoId);
        detail::get(value, "smartComboRoutingParams", data.smartComboRoutingParams);
        detail::get(value, "whatIf", data.whatIf);
        detail::get(value, "transmit", data.transmit);
        detail::get(value, "overridePercentageConstraints", data.overridePercentageConstraints);
        detail::get(value, "openClose", data.openClose);
        detail::get(value, "origin", data.origin);
        detail::get(value, "shortSaleSlot", data.shortSaleSlot);
        detail::get(value, "designatedLocation", data.designatedLocation);
        detail::get(value, "exemptCode", data.exemptCode);
        detail::get(value, "deltaNeutralSettlingFirm", data.deltaNeutralSettlingFirm);
        detail::get(value, "deltaNeutralClearingAccount", data.deltaNeutralClearingAccount);
        detail::get(value, "deltaNeutralClearingIntent", data.deltaNeutralClearingIntent);
        detail::get(value, "discretionaryAmt", data.discretionaryAmt);
        detail::get(value, "optOutSmartRouting", data.optOutSmartRouting);
        detail::get(value, "startingPrice", data.startingPrice);
        detail::get(value, "stockRefPrice", data.stockRefPrice);
        detail::get(value, "delta", data.delta);
        detail::get(value, "stockRangeLower", data.stockRangeLower);
        detail::get(value, "stockRangeUpper", data.stockRangeUpper);
        detail::get(value, "notHeld", data.notHeld);
        detail::get(value, "orderMiscOptions", data.orderMiscOptions);
        detail::get(value, "solicited", data.solicited);
        detail::get(value, "randomizeSize", data.randomizeSize);
        detail::get(value, "randomizePrice", data.randomizePrice);
        detail::get(value, "referenceContractId", data.referenceContractId);
        detail::get(value, "peggedChangeAmount", data.peggedChangeAmount);
        detail::get(value, "isPeggedChangeAmountDecrease", data.isPeggedChangeAmountDecrease);
        detail::get(value, "referenceChangeAmount", data.referenceChangeAmount);
        detail::get(value, "referenceExchangeId", data.referenceExchangeId);
        detail::get(value, "adjustedOrderType", data.adjustedOrderType);
        detail::get(value, "triggerPrice", data.triggerPrice);
        detail::get(value, "adjustedStopPrice", data.adjustedStopPrice);
        detail::get(value, "adjustedStopLimitPrice", data.adjustedStopLimitPrice);
        detail::get(value, "adjustedTrailingAmount", data.adjustedTrailingAmount);
        detail::get(value, "adjustableTrailingUnit", data.adjustableTrailingUnit);
        detail::get(value, "lmtPriceOffset", data.lmtPriceOffset);
        detail::get(value, "conditions", data.conditions);
        detail::get(value, "conditionsCancelOrder", data.conditionsCancelOrder);
        detail::get(value, "conditionsIgnoreRth", data.conditionsIgnoreRth);
        detail::get(value, "modelCode", data.modelCode);
        detail::get(value, "extOperator", data.extOperator);
        detail::get(value, "softDollarTier", data.softDollarTier);
        detail::get(value, "cashQty", data.cashQty);
        detail::get(value, "mifid2DecisionMaker", data.mifid2DecisionMaker);
        detail::get(value, "mifid2DecisionAlgo", data.mifid2DecisionAlgo);
        detail::get(value, "mifid2ExecutionTrader", data.mifid2ExecutionTrader);
        detail::get(value, "mifid2ExecutionAlgo", data.mifid2ExecutionAlgo);
        detail::get(value, "dontUseAutoPriceForHedge", data.dontUseAutoPriceForHedge);
        detail::get(value, "isOmsContainer", data.isOmsContainer);
        detail::get(value, "discretionaryUpToLimitPrice", data.discretionaryUpToLimitPrice);
        detail::get(value, "autoCancelDate", data.autoCancelDate);
        detail::get(value, "filledQuantity", data.filledQuantity);
        detail::get(value, "refFuturesConId", data.refFuturesConId);
        detail::get(value, "autoCancelParent", data.autoCancelParent);
        detail::get(value, "shareholder", data.shareholder);
        detail::get(value, "imbalanceOnly", data.imbalanceOnly);
        detail::get(value, "routeMarketableToBbo", data.routeMarketableToBbo);
        detail::get(value, "parentPermId", data.parentPermId);
        detail::get(value, "usePriceMgmtAlgo", data.usePriceMgmtAlgo);
        detail::get(value, "duration", data.duration);
        detail::get(value, "postToAts", data.postToAts);
        detail::get(value, "advancedErrorOverride", data.advancedErrorOverride);
        detail::get(value, "manualOrderTime", data.manualOrderTime);
        detail::get(value, "minTradeQty", data.minTradeQty);
        detail::get(value, "minCompeteSize", data.minCompeteSize);
        detail::get(value, "competeAgainstBestOffset", data.competeAgainstBestOffset);
        detail::get(value, "midOffsetAtWhole", data.midOffsetAtWhole);
        detail::get(value, "midOffsetAtHalf", data.midOffsetAtHalf);
        detail::get(value, "customerAccount", data.customerAccount);
        detail::get(value, "professionalCustomer", data.professionalCustomer);
        detail::get(value, "bondAccruedInterest", data.bondAccruedInterest);
        detail::get(value, "includeOvernight", data.includeOvernight);
        detail::get(value, "manualOrderIndicator", data.manualOrderIndicator);
        detail::get(value, "submitter", data.submitter);
        detail::get(value, "deactivate", data.deactivate);
        detail::get(value, "postOnly", data.postOnly);
        detail::get(value, "allowPreOpen", data.allowPreOpen);
        detail::get(value, "ignoreOpenAuction", data.ignoreOpenAuction);
        detail::get(value, "seekPriceImprovement", data.seekPriceImprovement);
        detail::get(value, "whatIfType", data.whatIfType);
        detail::get(value, "hedgeMaxSize", data.hedgeMaxSize);
        detail::get(value, "conditionsIncludeOvernight", data.conditionsIncludeOvernight);
        detail::get(value, "auctionStrategy", data.auctionStrategy);
        return data;
    }
};

/// The part of one account in an order that an advisor previews.
struct OrderAllocation {
    /// Account.
    std::optional<std::string> account{};
    /// Current position of the account.
    std::optional<Decimal> position{};
    /// Target position of the allocation.
    std::optional<Decimal> positionDesired{};
    /// Position after the order.
    std::optional<Decimal> positionAfter{};
    /// Quantity that the account should get.
    std::optional<Decimal> desiredAllocQty{};
    /// Quantity that the account may get.
    std::optional<Decimal> allowedAllocQty{};
    /// True: the quantities are amounts of money.
    std::optional<bool> isMonetary{};

    static OrderAllocation read([[maybe_unused]] const Value& value) {
        OrderAllocation data;
        detail::get(value, "account", data.account);
        detail::get(value, "position", data.position);
        detail::get(value, "positionDesired", data.positionDesired);
        detail::get(value, "positionAfter", data.positionAfter);
        detail::get(value, "desiredAllocQty", data.desiredAllocQty);
        detail::get(value, "allowedAllocQty", data.allowedAllocQty);
        detail::get(value, "isMonetary", data.isMonetary);
        return data;
    }
};

/// The status of an order, expected margin and fees, warnings, and how the order ended.
struct OrderState {
    /// Status of the order. ApiPending: accepted by the API, not yet by TWS; PendingSubmit: sent, not yet confirmed;
    /// PreSubmitted: accepted, but not working yet (stops, conditions, hours); Submitted: working; ApiCancelled:
    /// cancelled before it was confirmed; PendingCancel: cancellation sent, not yet confirmed; Cancelled: cancelled,
    /// or rejected; Filled: filled in full; Inactive: rejected, or held by TWS or the exchange.
    std::optional<std::string> status{};
    /// Initial margin of the account without the order.
    std::optional<double> initMarginBefore{};
    /// Maintenance margin of the account without the order.
    std::optional<double> maintMarginBefore{};
    /// Equity with loan value of the account without the order.
    std::optional<double> equityWithLoanBefore{};
    /// Change of the initial margin through the order.
    std::optional<double> initMarginChange{};
    /// Change of the maintenance margin through the order.
    std::optional<double> maintMarginChange{};
    /// Change of the equity with loan value through the order.
    std::optional<double> equityWithLoanChange{};
    /// Initial margin of the account with the order.
    std::optional<double> initMarginAfter{};
    /// Maintenance margin of the account with the order.
    std::optional<double> maintMarginAfter{};
    /// Equity with loan value of the account with the order.
    std::optional<double> equityWithLoanAfter{};
    /// Expected commission and fees. Absent if TWS gives a range.
    std::optional<double> commissionAndFees{};
    /// Lowest expected commission and fees.
    std::optional<double> minCommissionAndFees{};
    /// Highest expected commission and fees.
    std::optional<double> maxCommissionAndFees{};
    /// Currency of the commission and fees.
    std::optional<std::string> commissionAndFeesCurrency{};
    /// Currency of the margins and equities.
    std::optional<std::string> marginCurrency{};
    /// As initMarginBefore, by the rules outside regular trading hours.
    std::optional<double> initMarginBeforeOutsideRTH{};
    /// As maintMarginBefore, by the rules outside regular trading hours.
    std::optional<double> maintMarginBeforeOutsideRTH{};
    /// As equityWithLoanBefore, by the rules outside regular trading hours.
    std::optional<double> equityWithLoanBeforeOutsideRTH{};
    /// As initMarginChange, by the rules outside regular trading hours.
    std::optional<double> initMarginChangeOutsideRTH{};
    /// As maintMarginChange, by the rules outside regular trading hours.
    std::optional<double> maintMarginChangeOutsideRTH{};
    /// As equityWithLoanChange, by the rules outside regular trading hours.
    std::optional<double> equityWithLoanChangeOutsideRTH{};
    /// As initMarginAfter, by the rules outside regular trading hours.
    std::optional<double> initMarginAfterOutsideRTH{};
    /// As maintMarginAfter, by the rules outside regular trading hours.
    std::optional<double> maintMarginAfterOutsideRTH{};
    /// As equityWithLoanAfter, by the rules outside regular trading hours.
    std::optional<double> equityWithLoanAfterOutsideRTH{};
    /// Size that TWS suggests instead.
    std::optional<Decimal> suggestedSize{};
    /// Why TWS would reject the order.
    std::optional<std::string> rejectReason{};
    /// How TWS would allocate an advisor's order.
    std::vector<OrderAllocation> orderAllocations{};
    /// Warning about the order, as text for people.
    std::optional<std::string> warningText{};
    /// When the order was completed: `yyyymmdd hh:mm:ss zone`.
    std::optional<std::string> completedTime{};
    /// How the order ended, as text for people.
    std::optional<std::string> completedStatus{};

    static OrderState read([[maybe_unused]] const Value& value) {
        OrderState data;
        detail::get(value, "status", data.status);
        detail::get(value, "initMarginBefore", data.initMarginBefore);
        detail::get(value, "maintMarginBefore", data.maintMarginBefore);
        detail::get(value, "equityWithLoanBefore", data.equityWithLoanBefore);
        detail::get(value, "initMarginChange", data.initMarginChange);
        detail::get(value, "maintMarginChange", data.maintMarginChange);
        detail::get(value, "equityWithLoanChange", data.equityWithLoanChange);
        detail::get(value, "initMarginAfter", data.initMarginAfter);
        detail::get(value, "maintMarginAfter", data.maintMarginAfter);
        detail::get(value, "equityWithLoanAfter", data.equityWithLoanAfter);
        detail::get(value, "commissionAndFees", data.commissionAndFees);
        detail::get(value, "minCommissionAndFees", data.minCommissionAndFees);
        detail::get(value, "maxCommissionAndFees", data.maxCommissionAndFees);
        detail::get(value, "commissionAndFeesCurrency", data.commissionAndFeesCurrency);
        detail::get(value, "marginCurrency", data.marginCurrency);
        detail::get(value, "initMarginBeforeOutsideRTH", data.initMarginBeforeOutsideRTH);
        detail::get(value, "maintMarginBeforeOutsideRTH", data.maintMarginBeforeOutsideRTH);
        detail::get(value, "equityWithLoanBeforeOutsideRTH", data.equityWithLoanBeforeOutsideRTH);
        detail::get(value, "initMarginChangeOutsideRTH", data.initMarginChangeOutsideRTH);
        detail::get(value, "maintMarginChangeOutsideRTH", data.maintMarginChangeOutsideRTH);
        detail::get(value, "equityWithLoanChangeOutsideRTH", data.equityWithLoanChangeOutsideRTH);
        detail::get(value, "initMarginAfterOutsideRTH", data.initMarginAfterOutsideRTH);
        detail::get(value, "maintMarginAfterOutsideRTH", data.maintMarginAfterOutsideRTH);
        detail::get(value, "equityWithLoanAfterOutsideRTH", data.equityWithLoanAfterOutsideRTH);
        detail::get(value, "suggestedSize", data.suggestedSize);
        detail::get(value, "rejectReason", data.rejectReason);
        detail::get(value, "orderAllocations", data.orderAllocations);
        detail::get(value, "warningText", data.warningText);
        detail::get(value, "completedTime", data.completedTime);
        detail::get(value, "completedStatus", data.completedStatus);
        return data;
    }
};

/// One order that was filled or cancelled.
struct CompletedOrderData {
    static constexpr std::string_view event = "completedOrder";
    std::optional<Contract> contract{};
    std::optional<Order> order{};
    std::optional<OrderState> orderState{};

    static CompletedOrderData read([[maybe_unused]] const Value& value) {
        CompletedOrderData data;
        detail::get(value, "contract", data.contract);
        detail::get(value, "order", data.order);
        detail::get(value, "orderState", data.orderState);
        return data;
    }
};

/// TWS has listed all completed orders.
struct CompletedOrdersEndData {
    static constexpr std::string_view event = "completedOrdersEnd";

    static CompletedOrdersEndData read([[maybe_unused]] const Value& value) {
        CompletedOrdersEndData data;
        return data;
    }
};

/// Settings: when TWS logs off or restarts automatically.
struct LockAndExitConfig {
    /// Time of day: hh:mm.
    std::optional<std::string> autoLogoffTime{};
    /// AM or PM.
    std::optional<std::string> autoLogoffPeriod{};
    /// Action at that time, such as `logoff`.
    std::optional<std::string> autoLogoffType{};

    static LockAndExitConfig read([[maybe_unused]] const Value& value) {
        LockAndExitConfig data;
        detail::get(value, "autoLogoffTime", data.autoLogoffTime);
        detail::get(value, "autoLogoffPeriod", data.autoLogoffPeriod);
        detail::get(value, "autoLogoffType", data.autoLogoffType);
        return data;
    }
};

/// Settings: one of TWS's messages, and the answer to it.
struct MessageConfig {
    /// Number of the message.
    std::optional<std::int32_t> id{};
    /// Title of the message.
    std::optional<std::string> title{};
    /// Text of the message.
    std::optional<std::string> message{};
    /// Answer that TWS gives to the message.
    std::optional<std::string> defaultAction{};
    /// Whether TWS shows the message.
    std::optional<bool> enabled{};

    static MessageConfig read([[maybe_unused]] const Value& value) {
        MessageConfig data;
        detail::get(value, "id", data.id);
        detail::get(value, "title", data.title);
        detail::get(value, "message", data.message);
        detail::get(value, "defaultAction", data.defaultAction);
        detail::get(value, "enabled", data.enabled);
        return data;
    }
};

/// API settings: the warnings on orders that TWS skips without asking a person.
struct ApiPrecautionsConfig {
    /// Skip the precautionary limits on orders.
    std::optional<bool> bypassOrderPrecautions{};
    /// Skip the warning about bonds.
    std::optional<bool> bypassBondWarning{};
    /// Skip the question about a negative yield to worst.
    std::optional<bool> bypassNegativeYieldConfirmation{};
    /// Skip the warning about called bonds.
    std::optional<bool> bypassCalledBondWarning{};
    /// Skip the warning about pair trades with the same side twice.
    std::optional<bool> bypassSameActionPairTradeWarning{};
    /// Skip the warning about flagged accounts.
    std::optional<bool> bypassFlaggedAccountsWarning{};
    /// Skip the warning about the risk of price-based volatility orders.
    std::optional<bool> bypassPriceBasedVolatilityWarning{};
    /// Skip the warning that an order is redirected.
    std::optional<bool> bypassRedirectOrderWarning{};
    /// Skip the warning that an order has no overfill protection.
    std::optional<bool> bypassNoOverfillProtection{};
    /// Skip the warning about routing marketable orders to the best quote.
    std::optional<bool> bypassRouteMarketableToBBO{};

    static ApiPrecautionsConfig read([[maybe_unused]] const Value& value) {
        ApiPrecautionsConfig data;
        detail::get(value, "bypassOrderPrecautions", data.bypassOrderPrecautions);
        detail::get(value, "bypassBondWarning", data.bypassBondWarning);
        detail::get(value, "bypassNegativeYieldConfirmation", data.bypassNegativeYieldConfirmation);
        detail::get(value, "bypassCalledBondWarning", data.bypassCalledBondWarning);
        detail::get(value, "bypassSameActionPairTradeWarning", data.bypassSameActionPairTradeWarning);
        detail::get(value, "bypassFlaggedAccountsWarning", data.bypassFlaggedAccountsWarning);
        detail::get(value, "bypassPriceBasedVolatilityWarning", data.bypassPriceBasedVolatilityWarning);
        detail::get(value, "bypassRedirectOrderWarning", data.bypassRedirectOrderWarning);
        detail::get(value, "bypassNoOverfillProtection", data.bypassNoOverfillProtection);
        detail::get(value, "bypassRouteMarketableToBBO", data.bypassRouteMarketableToBBO);
        return data;
    }
};

/// API settings: the socket, and the data that TWS sends over it. The names are those of TWS's settings window.
struct ApiSettingsConfig {
    /// Refuse orders from the API.
    std::optional<bool> readOnlyApi{};
    /// Accept a total quantity in orders for mutual funds.
    std::optional<bool> totalQuantityForMutualFunds{};
    /// Send open orders when a client connects.
    std::optional<bool> downloadOpenOrdersOnConnection{};
    /// Include virtual currency positions.
    std::optional<bool> includeVirtualFxPositions{};
    /// Compute daily profit and loss.
    std::optional<bool> prepareDailyPnL{};
    /// Send status updates for volatility orders.
    std::optional<bool> sendStatusUpdatesForVolatilityOrders{};
    /// Encoding of API messages.
    std::optional<std::string> encodeApiMessages{};
    /// TCP port of the API.
    std::optional<std::int32_t> socketPort{};
    /// Use negative numbers for orders bound automatically.
    std::optional<bool> useNegativeAutoRange{};
    /// Write a log file of API messages.
    std::optional<bool> createApiMessageLogFile{};
    /// Include market data in that log file.
    std::optional<bool> includeMarketDataInLogFile{};
    /// Send the trading schedule to the API.
    std::optional<bool> exposeTradingScheduleToApi{};
    /// Show insured deposits apart from cash.
    std::optional<bool> splitInsuredDepositFromCashBalance{};
    /// Send positions of zero only if they were closed today.
    std::optional<bool> sendZeroPositionsForTodayOnly{};
    /// Let account requests of the API take over a subscription.
    std::optional<bool> letApiAccountRequestsSwitchSubscription{};
    /// Advisors: use account groups with allocation methods.
    std::optional<bool> useAccountGroupsWithAllocationMethods{};
    /// Level of detail of the log.
    std::optional<std::string> loggingLevel{};
    /// Client ID that gets the orders of all clients.
    std::optional<std::int32_t> masterClientId{};
    /// Time-out of large transfers.
    std::optional<std::int32_t> bulkDataTimeout{};
    /// Separator of component exchanges.
    std::optional<std::string> componentExchSeparator{};
    /// Quote currencies in tenths of a pip.
    std::optional<bool> showForexDataIn1_10Pips{};
    /// Trade currencies in tenths of a pip.
    std::optional<bool> allowForexTradingIn1_10Pips{};
    /// Round account values to whole numbers.
    std::optional<bool> roundAccountValuesToNearestWholeNumber{};
    /// Give sizes of US stocks in lots.
    std::optional<bool> sendMarketDataInLotsForUsStocks{};
    /// Show advanced order rejects in the window.
    std::optional<bool> showAdvancedOrderRejectInUi{};
    /// Refuse messages above the maximal rate, instead of delaying them.
    std::optional<bool> rejectMessagesAboveMaxRate{};
    /// Keep the connection when a message has wrong fields.
    std::optional<bool> maintainConnectionOnIncorrectFields{};
    /// Call NASDAQ `ISLAND`, as older versions do.
    std::optional<bool> compatibilityModeNasdaqStocks{};
    /// Time zone in which TWS sends times of an instrument.
    std::optional<std::string> sendInstrumentTimezone{};
    /// Send currency data as older versions do.
    std::optional<bool> sendForexDataInCompatibilityMode{};
    /// Keep orders and submit them again after a reconnect.
    std::optional<bool> maintainAndResubmitOrdersOnReconnect{};
    /// Largest size of a historical data answer.
    std::optional<std::int32_t> historicalDataMaxSize{};
    /// Report netting trades of event contracts automatically.
    std::optional<bool> autoReportNettingEventContractTrades{};
    /// Kind of option exercise requests.
    std::optional<std::string> optionExerciseRequestType{};
    /// Accept connections from this machine only.
    std::optional<bool> allowLocalhostOnly{};
    /// Addresses from which TWS accepts connections without asking.
    std::vector<std::string> trustedIPs{};

    static ApiSettingsConfig read([[maybe_unused]] const Value& value) {
        ApiSettingsConfig data;
        detail::get(value, "readOnlyApi", data.readOnlyApi);
        detail::get(value, "totalQuantityForMutualFunds", data.totalQuantityForMutualFunds);
        detail::get(value, "downloadOpenOrdersOnConnection", data.downloadOpenOrdersOnConnection);
        detail::get(value, "includeVirtualFxPositions", data.includeVirtualFxPositions);
        detail::get(value, "prepareDailyPnL", data.prepareDailyPnL);
        detail::get(value, "sendStatusUpdatesForVolatilityOrders", data.sendStatusUpdatesForVolatilityOrders);
        detail::get(value, "encodeApiMessages", data.encodeApiMessages);
        detail::get(value, "socketPort", data.socketPort);
        detail::get(value, "useNegativeAutoRange", data.useNegativeAutoRange);
        detail::get(value, "createApiMessageLogFile", data.createApiMessageLogFile);
        detail::get(value, "includeMarketDataInLogFile", data.includeMarketDataInLogFile);
        detail::get(value, "exposeTradingScheduleToApi", data.exposeTradingScheduleToApi);
        detail::get(value, "splitInsuredDepositFromCashBalance", data.splitInsuredDepositFromCashBalance);
        detail::get(value, "sendZeroPositionsForTodayOnly", data.sendZeroPositionsForTodayOnly);
        detail::get(value, "letApiAccountRequestsSwitchSubscription", data.letApiAccountRequestsSwitchSubscription);
        detail::get(value, "useAccountGroupsWithAllocationMethods", data.useAccountGroupsWithAllocationMethods);
        detail::get(value, "loggingLevel", data.loggingLevel);
        detail::get(value, "masterClientId", data.masterClientId);
        detail::get(value, "bulkDataTimeout", data.bulkDataTimeout);
        detail::get(value, "componentExchSeparator", data.componentExchSeparator);
        detail::get(value, "showForexDataIn1_10Pips", data.showForexDataIn1_10Pips);
        detail::get(value, "allowForexTradingIn1_10Pips", data.allowForexTradingIn1_10Pips);
        detail::get(value, "roundAccountValuesToNearestWholeNumber", data.roundAccountValuesToNearestWholeNumber);
        detail::get(value, "sendMarketDataInLotsForUsStocks", data.sendMarketDataInLotsForUsStocks);
        detail::get(value, "showAdvancedOrderRejectInUi", data.showAdvancedOrderRejectInUi);
        detail::get(value, "rejectMessagesAboveMaxRate", data.rejectMessagesAboveMaxRate);
        detail::get(value, "maintainConnectionOnIncorrectFields", data.maintainConnectionOnIncorrectFields);
        detail::get(value, "compatibilityModeNasdaqStocks", data.compatibilityModeNasdaqStocks);
        detail::get(value, "sendInstrumentTimezone", data.sendInstrumentTimezone);
        detail::get(value, "sendForexDataInCompatibilityMode", data.sendForexDataInCompatibilityMode);
        detail::get(value, "maintainAndResubmitOrdersOnReconnect", data.maintainAndResubmitOrdersOnReconnect);
        detail::get(value, "historicalDataMaxSize", data.historicalDataMaxSize);
        detail::get(value, "autoReportNettingEventContractTrades", data.autoReportNettingEventContractTrades);
        detail::get(value, "optionExerciseRequestType", data.optionExerciseRequestType);
        detail::get(value, "allowLocalhostOnly", data.allowLocalhostOnly);
        detail::get(value, "trustedIPs", data.trustedIPs);
        return data;
    }
};

/// The API part of the TWS settings.
struct ApiConfig {
    std::optional<ApiPrecautionsConfig> precautions{};
    std::optional<ApiSettingsConfig> settings{};

    static ApiConfig read([[maybe_unused]] const Value& value) {
        ApiConfig data;
        detail::get(value, "precautions", data.precautions);
        detail::get(value, "settings", data.settings);
        return data;
    }
};

/// Settings: SMART routing of orders.
struct OrdersSmartRoutingConfig {
    /// Seek a better price than the best quote.
    std::optional<bool> seekPriceImprovement{};
    /// Reroute before the open.
    std::optional<bool> preOpenReroute{};
    /// Do not route to dark pools.
    std::optional<bool> doNotRouteToDarkPools{};
    /// Routing algorithm of orders that name none.
    std::optional<std::string> defaultAlgorithm{};

    static OrdersSmartRoutingConfig read([[maybe_unused]] const Value& value) {
        OrdersSmartRoutingConfig data;
        detail::get(value, "seekPriceImprovement", data.seekPriceImprovement);
        detail::get(value, "preOpenReroute", data.preOpenReroute);
        detail::get(value, "doNotRouteToDarkPools", data.doNotRouteToDarkPools);
        detail::get(value, "defaultAlgorithm", data.defaultAlgorithm);
        return data;
    }
};

/// Settings: orders.
struct OrdersConfig {
    std::optional<OrdersSmartRoutingConfig> smartRouting{};

    static OrdersConfig read([[maybe_unused]] const Value& value) {
        OrdersConfig data;
        detail::get(value, "smartRouting", data.smartRouting);
        return data;
    }
};

/// The settings of TWS.
struct ConfigResponseData {
    static constexpr std::string_view event = "configResponse";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    std::optional<LockAndExitConfig> lockAndExit{};
    /// Settings for messages of TWS, and for the answers to them.
    std::vector<MessageConfig> messages{};
    std::optional<ApiConfig> api{};
    std::optional<OrdersConfig> orders{};

    static ConfigResponseData read([[maybe_unused]] const Value& value) {
        ConfigResponseData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "lockAndExit", data.lockAndExit);
        detail::get(value, "messages", data.messages);
        detail::get(value, "api", data.api);
        detail::get(value, "orders", data.orders);
        return data;
    }
};

/// An instrument that matches, with its details.
struct ContractDetailsData {
    static constexpr std::string_view event = "contractDetails";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    std::optional<Contract> contract{};
    std::optional<ContractDetails> contractDetails{};

    static ContractDetailsData read([[maybe_unused]] const Value& value) {
        ContractDetailsData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "contract", data.contract);
        detail::get(value, "contractDetails", data.contractDetails);
        return data;
    }
};

/// TWS has sent all instruments that match.
struct ContractDetailsEndData {
    static constexpr std::string_view event = "contractDetailsEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};

    static ContractDetailsEndData read([[maybe_unused]] const Value& value) {
        ContractDetailsEndData data;
        detail::get(value, "reqId", data.reqId);
        return data;
    }
};

/// The current time of TWS.
struct CurrentTimeData {
    static constexpr std::string_view event = "currentTime";
    /// Seconds since 1970 UTC.
    std::optional<std::int64_t> currentTime{};

    static CurrentTimeData read([[maybe_unused]] const Value& value) {
        CurrentTimeData data;
        detail::get(value, "currentTime", data.currentTime);
        return data;
    }
};

/// The current time of TWS, in milliseconds.
struct CurrentTimeInMillisData {
    static constexpr std::string_view event = "currentTimeInMillis";
    /// Milliseconds since 1970 UTC.
    std::optional<std::int64_t> currentTimeInMillis{};

    static CurrentTimeInMillisData read([[maybe_unused]] const Value& value) {
        CurrentTimeInMillisData data;
        detail::get(value, "currentTimeInMillis", data.currentTimeInMillis);
        return data;
    }
};

/// The hedge with which TWS accepts a delta-neutral request.
struct DeltaNeutralValidationData {
    static constexpr std::string_view event = "deltaNeutralValidation";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    std::optional<DeltaNeutralContract> deltaNeutralContract{};

    static DeltaNeutralValidationData read([[maybe_unused]] const Value& value) {
        DeltaNeutralValidationData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "deltaNeutralContract", data.deltaNeutralContract);
        return data;
    }
};

/// The display groups of TWS.
struct DisplayGroupListData {
    static constexpr std::string_view event = "displayGroupList";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Numbers of the groups, the most used first, joined by `|`.
    std::optional<std::string> groups{};

    static DisplayGroupListData read([[maybe_unused]] const Value& value) {
        DisplayGroupListData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "groups", data.groups);
        return data;
    }
};

/// A display group shows another instrument.
struct DisplayGroupUpdatedData {
    static constexpr std::string_view event = "displayGroupUpdated";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Instrument that the group shows: `conId@exchange`, `none`, or `combo`.
    std::optional<std::string> contractInfo{};

    static DisplayGroupUpdatedData read([[maybe_unused]] const Value& value) {
        DisplayGroupUpdatedData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "contractInfo", data.contractInfo);
        return data;
    }
};

/// One fill of an order, or the exercise, lapse or assignment of an option.
struct Execution {
    /// Number of the order at the client that placed it.
    std::optional<std::int32_t> orderId{};
    /// Unique ID of the fill. A correction has the same ID, except for the part after the last dot.
    std::optional<std::string> execId{};
    /// Time of the fill: `yyyymmdd hh:mm:ss zone`.
    std::optional<std::string> time{};
    /// Account that traded.
    std::optional<std::string> acctNumber{};
    /// Exchange of the fill.
    std::optional<std::string> exchange{};
    /// Side of the fill. BOT: bought; SLD: sold.
    std::optional<std::string> side{};
    /// Quantity of this fill.
    std::optional<Decimal> shares{};
    /// Price of this fill, without commission.
    std::optional<double> price{};
    /// IBKR's own number of the order.
    std::optional<std::string> permId{};
    /// Client ID that placed the order.
    std::optional<std::int32_t> clientId{};
    /// True: IBKR liquidated the position.
    std::optional<bool> isLiquidation{};
    /// Filled quantity of the order so far.
    std::optional<Decimal> cumQty{};
    /// Average price of the order's fills so far, without commission.
    std::optional<double> avgPrice{};
    /// The client's own text for the order.
    std::optional<std::string> orderRef{};
    /// Economic-value rule: how the price determines the value of the position.
    std::optional<std::string> evRule{};
    /// Economic value of a price unit, by evRule.
    std::optional<double> evMultiplier{};
    /// Portfolio model of the order.
    std::optional<std::string> modelCode{};
    /// Whether the fill added or took liquidity. 0: not known; 1: added; 2: removed; 3: routed out.
    std::optional<std::int32_t> lastLiquidity{};
    /// True: the price is provisional, and IBKR will correct it.
    std::optional<bool> isPriceRevisionPending{};
    /// User who submitted the order.
    std::optional<std::string> submitter{};
    /// Kind of option event. Protobuf form only. -1: none; 1: exercised; 2: lapsed; 3: do nothing; 100: assigned;
    /// 101: exercised automatically by the clearing house; 102: expired; 103: netted; 200: exercised automatically as
    /// a trade.
    std::optional<std::int32_t> optExerciseOrLapseType{};

    static Execution read([[maybe_unused]] const Value& value) {
        Execution data;
        detail::get(value, "orderId", data.orderId);
        detail::get(value, "execId", data.execId);
        detail::get(value, "time", data.time);
        detail::get(value, "acctNumber", data.acctNumber);
        detail::get(value, "exchange", data.exchange);
        detail::get(value, "side", data.side);
        detail::get(value, "shares", data.shares);
        detail::get(value, "price", data.price);
        detail::get(value, "permId", data.permId);
        detail::get(value, "clientId", data.clientId);
        detail::get(value, "isLiquidation", data.isLiquidation);
        detail::get(value, "cumQty", data.cumQty);
        detail::get(value, "avgPrice", data.avgPrice);
        detail::get(value, "orderRef", data.orderRef);
        detail::get(value, "evRule", data.evRule);
        detail::get(value, "evMultiplier", data.evMultiplier);
        detail::get(value, "modelCode", data.modelCode);
        detail::get(value, "lastLiquidity", data.lastLiquidity);
        detail::get(value, "isPriceRevisionPending", data.isPriceRevisionPending);
        detail::get(value, "submitter", data.submitter);
        detail::get(value, "optExerciseOrLapseType", data.optExerciseOrLapseType);
        return data;
    }
};

/// One execution. TWS sends it when it happens (reqId -1), or in answer to reqExecutions.
struct ExecDetailsData {
    static constexpr std::string_view event = "execDetails";
    /// ID of the reqExecutions request that this message answers. -1: TWS sent it when the execution happened.
    std::int32_t reqId{};
    std::optional<Contract> contract{};
    std::optional<Execution> execution{};

    static ExecDetailsData read([[maybe_unused]] const Value& value) {
        ExecDetailsData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "contract", data.contract);
        detail::get(value, "execution", data.execution);
        return data;
    }
};

/// TWS has listed all executions that match.
struct ExecDetailsEndData {
    static constexpr std::string_view event = "execDetailsEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};

    static ExecDetailsEndData read([[maybe_unused]] const Value& value) {
        ExecDetailsEndData data;
        detail::get(value, "reqId", data.reqId);
        return data;
    }
};

/// One account and the family it belongs to.
struct FamilyCode {
    /// Account. `*`: all accounts.
    std::optional<std::string> accountId{};
    /// Family. Empty if the account belongs to none.
    std::optional<std::string> familyCode{};

    static FamilyCode read([[maybe_unused]] const Value& value) {
        FamilyCode data;
        detail::get(value, "accountId", data.accountId);
        detail::get(value, "familyCode", data.familyCode);
        return data;
    }
};

/// The accounts of the login and their families.
struct FamilyCodesData {
    static constexpr std::string_view event = "familyCodes";
    /// Accounts with their families.
    std::vector<FamilyCode> familyCodes{};

    static FamilyCodesData read([[maybe_unused]] const Value& value) {
        FamilyCodesData data;
        detail::get(value, "familyCodes", data.familyCodes);
        return data;
    }
};

/// How far back the history of an instrument goes.
struct HeadTimestampData {
    static constexpr std::string_view event = "headTimestamp";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Time of the oldest data: `yyyymmdd-hh:mm:ss` UTC, or seconds since 1970 UTC, by formatDate.
    std::optional<std::string> headTimestamp{};

    static HeadTimestampData read([[maybe_unused]] const Value& value) {
        HeadTimestampData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "headTimestamp", data.headTimestamp);
        return data;
    }
};

/// The volume traded at one price.
struct HistogramDataEntry {
    /// Price.
    std::optional<double> price{};
    /// Volume traded at the price.
    std::optional<Decimal> size{};

    static HistogramDataEntry read([[maybe_unused]] const Value& value) {
        HistogramDataEntry data;
        detail::get(value, "price", data.price);
        detail::get(value, "size", data.size);
        return data;
    }
};

/// The volume traded at each price.
struct HistogramDataData {
    static constexpr std::string_view event = "histogramData";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Prices, each with the volume traded at it.
    std::vector<HistogramDataEntry> histogramDataEntries{};

    static HistogramDataData read([[maybe_unused]] const Value& value) {
        HistogramDataData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "histogramDataEntries", data.histogramDataEntries);
        return data;
    }
};

/// One bar.
struct HistoricalDataBar {
    /// Start of the bar, by formatDate: `yyyymmdd`, `yyyymmdd hh:mm:ss zone`, or seconds since 1970 UTC.
    std::optional<std::string> date{};
    /// First price.
    std::optional<double> open{};
    /// Highest price.
    std::optional<double> high{};
    /// Lowest price.
    std::optional<double> low{};
    /// Last price.
    std::optional<double> close{};
    /// Volume. For TRADES only; -1 otherwise.
    std::optional<Decimal> volume{};
    /// Average price, weighted by volume. For TRADES only.
    std::optional<Decimal> WAP{};
    /// Number of trades. For TRADES only; -1 otherwise.
    std::optional<std::int32_t> barCount{};

    static HistoricalDataBar read([[maybe_unused]] const Value& value) {
        HistoricalDataBar data;
        detail::get(value, "date", data.date);
        detail::get(value, "open", data.open);
        detail::get(value, "high", data.high);
        detail::get(value, "low", data.low);
        detail::get(value, "close", data.close);
        detail::get(value, "volume", data.volume);
        detail::get(value, "WAP", data.WAP);
        detail::get(value, "barCount", data.barCount);
        return data;
    }
};

/// All bars of a request in one message.
struct HistoricalDataData {
    static constexpr std::string_view event = "historicalData";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Bars, oldest first.
    std::vector<HistoricalDataBar> historicalDataBars{};
    /// Start of the period: `yyyymmdd hh:mm:ss zone`. Present below server version 196 only.
    std::optional<std::string> startDateStr{};
    /// End of the period, in the same format. Present below server version 196 only.
    std::optional<std::string> endDateStr{};

    static HistoricalDataData read([[maybe_unused]] const Value& value) {
        HistoricalDataData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "historicalDataBars", data.historicalDataBars);
        detail::get(value, "startDateStr", data.startDateStr);
        detail::get(value, "endDateStr", data.endDateStr);
        return data;
    }
};

/// TWS has sent the whole history. Below server version 196, historicalData itself has the period.
struct HistoricalDataEndData {
    static constexpr std::string_view event = "historicalDataEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Start of the period: `yyyymmdd hh:mm:ss zone`.
    std::optional<std::string> startDateStr{};
    /// End of the period, in the same format.
    std::optional<std::string> endDateStr{};

    static HistoricalDataEndData read([[maybe_unused]] const Value& value) {
        HistoricalDataEndData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "startDateStr", data.startDateStr);
        detail::get(value, "endDateStr", data.endDateStr);
        return data;
    }
};

/// The newest bar of a request with keepUpToDate. TWS sends it each time the bar changes.
struct HistoricalDataUpdateData {
    static constexpr std::string_view event = "historicalDataUpdate";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    std::optional<HistoricalDataBar> historicalDataBar{};

    static HistoricalDataUpdateData read([[maybe_unused]] const Value& value) {
        HistoricalDataUpdateData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "historicalDataBar", data.historicalDataBar);
        return data;
    }
};

/// One historical headline.
struct HistoricalNewsData {
    static constexpr std::string_view event = "historicalNews";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Time of the headline: `yyyy-mm-dd hh:mm:ss.0`.
    std::optional<std::string> time{};
    /// Source.
    std::optional<std::string> providerCode{};
    /// ID of the article, for reqNewsArticle.
    std::optional<std::string> articleId{};
    /// Headline, after metadata in braces.
    std::optional<std::string> headline{};

    static HistoricalNewsData read([[maybe_unused]] const Value& value) {
        HistoricalNewsData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "time", data.time);
        detail::get(value, "providerCode", data.providerCode);
        detail::get(value, "articleId", data.articleId);
        detail::get(value, "headline", data.headline);
        return data;
    }
};

/// TWS has sent all headlines.
struct HistoricalNewsEndData {
    static constexpr std::string_view event = "historicalNewsEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// True: the period has more headlines.
    std::optional<bool> hasMore{};

    static HistoricalNewsEndData read([[maybe_unused]] const Value& value) {
        HistoricalNewsEndData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "hasMore", data.hasMore);
        return data;
    }
};

/// One trading session.
struct HistoricalSession {
    /// Start: `yyyymmdd-hh:mm:ss` in the schedule's time zone.
    std::optional<std::string> startDateTime{};
    /// End, in the same format.
    std::optional<std::string> endDateTime{};
    /// Trading day of the session: yyyymmdd.
    std::optional<std::string> refDate{};

    static HistoricalSession read([[maybe_unused]] const Value& value) {
        HistoricalSession data;
        detail::get(value, "startDateTime", data.startDateTime);
        detail::get(value, "endDateTime", data.endDateTime);
        detail::get(value, "refDate", data.refDate);
        return data;
    }
};

/// Trading sessions of an instrument: the answer to reqHistoricalData with whatToShow SCHEDULE.
struct HistoricalScheduleData {
    static constexpr std::string_view event = "historicalSchedule";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Start of the first session: `yyyymmdd-hh:mm:ss`.
    std::optional<std::string> startDateTime{};
    /// End of the last session.
    std::optional<std::string> endDateTime{};
    /// Time zone of all times.
    std::optional<std::string> timeZone{};
    /// Sessions, oldest first.
    std::vector<HistoricalSession> historicalSessions{};

    static HistoricalScheduleData read([[maybe_unused]] const Value& value) {
        HistoricalScheduleData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "startDateTime", data.startDateTime);
        detail::get(value, "endDateTime", data.endDateTime);
        detail::get(value, "timeZone", data.timeZone);
        detail::get(value, "historicalSessions", data.historicalSessions);
        return data;
    }
};

/// One midpoint, historical or live.
struct HistoricalTick {
    /// Seconds since 1970 UTC.
    std::optional<std::int64_t> time{};
    /// Midpoint.
    std::optional<double> price{};
    /// Size; 0 for midpoints.
    std::optional<Decimal> size{};

    static HistoricalTick read([[maybe_unused]] const Value& value) {
        HistoricalTick data;
        detail::get(value, "time", data.time);
        detail::get(value, "price", data.price);
        detail::get(value, "size", data.size);
        return data;
    }
};

/// Historical midpoints. TWS may send several of these messages; the last has isDone.
struct HistoricalTicksData {
    static constexpr std::string_view event = "historicalTicks";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Ticks, oldest first.
    std::vector<HistoricalTick> historicalTicks{};
    /// True: this is the last message.
    std::optional<bool> isDone{};

    static HistoricalTicksData read([[maybe_unused]] const Value& value) {
        HistoricalTicksData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "historicalTicks", data.historicalTicks);
        detail::get(value, "isDone", data.isDone);
        return data;
    }
};

/// Flags of a bid and ask.
struct TickAttribBidAsk {
    /// True: the bid is below the low of the day.
    std::optional<bool> bidPastLow{};
    /// True: the ask is above the high of the day.
    std::optional<bool> askPastHigh{};

    static TickAttribBidAsk read([[maybe_unused]] const Value& value) {
        TickAttribBidAsk data;
        detail::get(value, "bidPastLow", data.bidPastLow);
        detail::get(value, "askPastHigh", data.askPastHigh);
        return data;
    }
};

/// One pair of best bid and ask, historical or live.
struct HistoricalTickBidAsk {
    /// Seconds since 1970 UTC.
    std::optional<std::int64_t> time{};
    std::optional<TickAttribBidAsk> tickAttribBidAsk{};
    /// Bid.
    std::optional<double> priceBid{};
    /// Ask.
    std::optional<double> priceAsk{};
    /// Size of the bid.
    std::optional<Decimal> sizeBid{};
    /// Size of the ask.
    std::optional<Decimal> sizeAsk{};

    static HistoricalTickBidAsk read([[maybe_unused]] const Value& value) {
        HistoricalTickBidAsk data;
        detail::get(value, "time", data.time);
        detail::get(value, "tickAttribBidAsk", data.tickAttribBidAsk);
        detail::get(value, "priceBid", data.priceBid);
        detail::get(value, "priceAsk", data.priceAsk);
        detail::get(value, "sizeBid", data.sizeBid);
        detail::get(value, "sizeAsk", data.sizeAsk);
        return data;
    }
};

/// Historical bids and asks. TWS may send several of these messages; the last has isDone.
struct HistoricalTicksBidAskData {
    static constexpr std::string_view event = "historicalTicksBidAsk";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Ticks, oldest first.
    std::vector<HistoricalTickBidAsk> historicalTicksBidAsk{};
    /// True: this is the last message.
    std::optional<bool> isDone{};

    static HistoricalTicksBidAskData read([[maybe_unused]] const Value& value) {
        HistoricalTicksBidAskData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "historicalTicksBidAsk", data.historicalTicksBidAsk);
        detail::get(value, "isDone", data.isDone);
        return data;
    }
};

/// Flags of a trade.
struct TickAttribLast {
    /// True: the price is beyond the limit of the day.
    std::optional<bool> pastLimit{};
    /// True: the trade is unreported, like late trades and odd lots. It does not count towards last price and volume.
    std::optional<bool> unreported{};

    static TickAttribLast read([[maybe_unused]] const Value& value) {
        TickAttribLast data;
        detail::get(value, "pastLimit", data.pastLimit);
        detail::get(value, "unreported", data.unreported);
        return data;
    }
};

/// One trade, historical or live.
struct HistoricalTickLast {
    /// Seconds since 1970 UTC.
    std::optional<std::int64_t> time{};
    std::optional<TickAttribLast> tickAttribLast{};
    /// Price.
    std::optional<double> price{};
    /// Size.
    std::optional<Decimal> size{};
    /// Exchange of the trade.
    std::optional<std::string> exchange{};
    /// Conditions of the trade, in the exchange's codes.
    std::optional<std::string> specialConditions{};

    static HistoricalTickLast read([[maybe_unused]] const Value& value) {
        HistoricalTickLast data;
        detail::get(value, "time", data.time);
        detail::get(value, "tickAttribLast", data.tickAttribLast);
        detail::get(value, "price", data.price);
        detail::get(value, "size", data.size);
        detail::get(value, "exchange", data.exchange);
        detail::get(value, "specialConditions", data.specialConditions);
        return data;
    }
};

/// Historical trades. TWS may send several of these messages; the last has isDone.
struct HistoricalTicksLastData {
    static constexpr std::string_view event = "historicalTicksLast";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Ticks, oldest first.
    std::vector<HistoricalTickLast> historicalTicksLast{};
    /// True: this is the last message.
    std::optional<bool> isDone{};

    static HistoricalTicksLastData read([[maybe_unused]] const Value& value) {
        HistoricalTicksLastData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "historicalTicksLast", data.historicalTicksLast);
        detail::get(value, "isDone", data.isDone);
        return data;
    }
};

/// The accounts of the login. TWS sends them when the connection starts.
struct ManagedAccountsData {
    static constexpr std::string_view event = "managedAccounts";
    /// Accounts, comma-separated.
    std::optional<std::string> accountsList{};

    static ManagedAccountsData read([[maybe_unused]] const Value& value) {
        ManagedAccountsData data;
        detail::get(value, "accountsList", data.accountsList);
        return data;
    }
};

/// The kind of the ticks that follow for a request: live, frozen or delayed.
struct MarketDataTypeData {
    static constexpr std::string_view event = "marketDataType";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4: delayed and frozen.
    std::optional<std::int32_t> marketDataType{};

    static MarketDataTypeData read([[maybe_unused]] const Value& value) {
        MarketDataTypeData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "marketDataType", data.marketDataType);
        return data;
    }
};

/// The smallest price step above a price.
struct PriceIncrement {
    /// Price from which the step applies.
    std::optional<double> lowEdge{};
    /// Price step.
    std::optional<double> increment{};

    static PriceIncrement read([[maybe_unused]] const Value& value) {
        PriceIncrement data;
        detail::get(value, "lowEdge", data.lowEdge);
        detail::get(value, "increment", data.increment);
        return data;
    }
};

/// Price steps of a market rule.
struct MarketRuleData {
    static constexpr std::string_view event = "marketRule";
    /// Number of the rule.
    std::int32_t marketRuleId{};
    /// Steps, from the lowest price upwards.
    std::vector<PriceIncrement> priceIncrements{};

    static MarketRuleData read([[maybe_unused]] const Value& value) {
        MarketRuleData data;
        detail::get(value, "marketRuleId", data.marketRuleId);
        detail::get(value, "priceIncrements", data.priceIncrements);
        return data;
    }
};

/// An exchange that offers market depth.
struct DepthMarketDataDescription {
    /// Exchange.
    std::optional<std::string> exchange{};
    /// Kind of instrument for which it offers depth.
    std::optional<std::string> secType{};
    /// Listing exchange of these instruments. Absent if it does not matter.
    std::optional<std::string> listingExch{};
    /// Kind of depth: `Deep` (by price) or `Deep2` (by market maker).
    std::optional<std::string> serviceDataType{};
    /// Group of exchanges whose depth SMART combines.
    std::optional<std::int32_t> aggGroup{};

    static DepthMarketDataDescription read([[maybe_unused]] const Value& value) {
        DepthMarketDataDescription data;
        detail::get(value, "exchange", data.exchange);
        detail::get(value, "secType", data.secType);
        detail::get(value, "listingExch", data.listingExch);
        detail::get(value, "serviceDataType", data.serviceDataType);
        detail::get(value, "aggGroup", data.aggGroup);
        return data;
    }
};

/// The exchanges that offer market depth.
struct MktDepthExchangesData {
    static constexpr std::string_view event = "mktDepthExchanges";
    /// Exchanges.
    std::vector<DepthMarketDataDescription> depthMarketDataDescriptions{};

    static MktDepthExchangesData read([[maybe_unused]] const Value& value) {
        MktDepthExchangesData data;
        detail::get(value, "depthMarketDataDescriptions", data.depthMarketDataDescriptions);
        return data;
    }
};

/// The text of an article.
struct NewsArticleData {
    static constexpr std::string_view event = "newsArticle";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of text. 0: text or HTML; 1: a file, such as PDF, in base64.
    std::optional<std::int32_t> articleType{};
    /// The text, or the file in base64.
    std::optional<std::string> articleText{};

    static NewsArticleData read([[maybe_unused]] const Value& value) {
        NewsArticleData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "articleType", data.articleType);
        detail::get(value, "articleText", data.articleText);
        return data;
    }
};

/// A news provider.
struct NewsProvider {
    /// Code of the provider in requests.
    std::optional<std::string> providerCode{};
    /// Name of the provider.
    std::optional<std::string> providerName{};

    static NewsProvider read([[maybe_unused]] const Value& value) {
        NewsProvider data;
        detail::get(value, "providerCode", data.providerCode);
        detail::get(value, "providerName", data.providerName);
        return data;
    }
};

/// The news providers that the login may read.
struct NewsProvidersData {
    static constexpr std::string_view event = "newsProviders";
    /// Sources.
    std::vector<NewsProvider> newsProviders{};

    static NewsProvidersData read([[maybe_unused]] const Value& value) {
        NewsProvidersData data;
        detail::get(value, "newsProviders", data.newsProviders);
        return data;
    }
};

/// The lowest order ID that the client may use. TWS sends it when the connection starts.
struct NextValidIdData {
    static constexpr std::string_view event = "nextValidId";
    /// Lowest order ID that the client may use.
    std::int32_t orderId{};

    static NextValidIdData read([[maybe_unused]] const Value& value) {
        NextValidIdData data;
        detail::get(value, "orderId", data.orderId);
        return data;
    }
};

/// The current state of one order. TWS sends it in answer to a list of orders, and for each new order or change.
struct OpenOrderData {
    static constexpr std::string_view event = "openOrder";
    /// Number of the order at the client that placed it. 0 or below for orders placed elsewhere.
    std::int32_t orderId{};
    std::optional<Contract> contract{};
    std::optional<Order> order{};
    std::optional<OrderState> orderState{};

    static OpenOrderData read([[maybe_unused]] const Value& value) {
        OpenOrderData data;
        detail::get(value, "orderId", data.orderId);
        detail::get(value, "contract", data.contract);
        detail::get(value, "order", data.order);
        detail::get(value, "orderState", data.orderState);
        return data;
    }
};

/// TWS has listed all open orders.
struct OpenOrderEndData {
    static constexpr std::string_view event = "openOrderEnd";

    static OpenOrderEndData read([[maybe_unused]] const Value& value) {
        OpenOrderEndData data;
        return data;
    }
};

/// TWS has bound an order that was placed elsewhere to an order ID of this client.
struct OrderBoundData {
    static constexpr std::string_view event = "orderBound";
    /// IBKR's own number of the order.
    std::string permId{};
    /// Client ID that the order is bound to.
    std::optional<std::int32_t> clientId{};
    /// Number of the order at that client.
    std::int32_t orderId{};

    static OrderBoundData read([[maybe_unused]] const Value& value) {
        OrderBoundData data;
        detail::get(value, "permId", data.permId);
        detail::get(value, "clientId", data.clientId);
        detail::get(value, "orderId", data.orderId);
        return data;
    }
};

/// The status of an order. TWS may send the same status twice, and may omit statuses of an order that fills quickly.
struct OrderStatusData {
    static constexpr std::string_view event = "orderStatus";
    /// Number of the order at the client that placed it.
    std::int32_t orderId{};
    /// Status of the order. ApiPending: accepted by the API, not yet by TWS; PendingSubmit: sent, not yet confirmed;
    /// PreSubmitted: accepted, but not working yet (stops, conditions, hours); Submitted: working; ApiCancelled:
    /// cancelled before it was confirmed; PendingCancel: cancellation sent, not yet confirmed; Cancelled: cancelled,
    /// or rejected; Filled: filled in full; Inactive: rejected, or held by TWS or the exchange.
    std::optional<std::string> status{};
    /// Quantity filled.
    std::optional<Decimal> filled{};
    /// Quantity that is still open.
    std::optional<Decimal> remaining{};
    /// Average price of the fills.
    std::optional<double> avgFillPrice{};
    /// IBKR's own number of the order.
    std::optional<std::string> permId{};
    /// Number of the parent order. 0: none.
    std::optional<std::int32_t> parentId{};
    /// Price of the last fill.
    std::optional<double> lastFillPrice{};
    /// Client ID that placed the order.
    std::optional<std::int32_t> clientId{};
    /// Why TWS holds the order back: `locate` while it looks for shares to borrow.
    std::optional<std::string> whyHeld{};
    /// Price to which TWS has capped the order. 0: not capped.
    std::optional<double> mktCapPrice{};

    static OrderStatusData read([[maybe_unused]] const Value& value) {
        OrderStatusData data;
        detail::get(value, "orderId", data.orderId);
        detail::get(value, "status", data.status);
        detail::get(value, "filled", data.filled);
        detail::get(value, "remaining", data.remaining);
        detail::get(value, "avgFillPrice", data.avgFillPrice);
        detail::get(value, "permId", data.permId);
        detail::get(value, "parentId", data.parentId);
        detail::get(value, "lastFillPrice", data.lastFillPrice);
        detail::get(value, "clientId", data.clientId);
        detail::get(value, "whyHeld", data.whyHeld);
        detail::get(value, "mktCapPrice", data.mktCapPrice);
        return data;
    }
};

/// Profit and loss of an account, about once a second.
struct PnlData {
    static constexpr std::string_view event = "pnl";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Profit and loss since the start of the day.
    std::optional<double> dailyPnL{};
    /// Profit and loss of open positions.
    std::optional<double> unrealizedPnL{};
    /// Profit and loss of the positions closed today.
    std::optional<double> realizedPnL{};

    static PnlData read([[maybe_unused]] const Value& value) {
        PnlData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "dailyPnL", data.dailyPnL);
        detail::get(value, "unrealizedPnL", data.unrealizedPnL);
        detail::get(value, "realizedPnL", data.realizedPnL);
        return data;
    }
};

/// Profit and loss of one position, about once a second.
struct PnlSingleData {
    static constexpr std::string_view event = "pnlSingle";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Size of the position.
    std::optional<Decimal> position{};
    /// Profit and loss since the start of the day.
    std::optional<double> dailyPnL{};
    /// Profit and loss of open positions.
    std::optional<double> unrealizedPnL{};
    /// Profit and loss of the positions closed today.
    std::optional<double> realizedPnL{};
    /// Market value of the position.
    std::optional<double> value{};

    static PnlSingleData read([[maybe_unused]] const Value& value) {
        PnlSingleData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "position", data.position);
        detail::get(value, "dailyPnL", data.dailyPnL);
        detail::get(value, "unrealizedPnL", data.unrealizedPnL);
        detail::get(value, "realizedPnL", data.realizedPnL);
        detail::get(value, "value", data.value);
        return data;
    }
};

/// One position of an account.
struct PositionData {
    static constexpr std::string_view event = "position";
    /// Account.
    std::optional<std::string> account{};
    std::optional<Contract> contract{};
    /// Size of the position: negative for a short position, 0 for a closed one.
    std::optional<Decimal> position{};
    /// Average cost of one unit. For derivatives it includes the multiplier.
    std::optional<double> avgCost{};

    static PositionData read([[maybe_unused]] const Value& value) {
        PositionData data;
        detail::get(value, "account", data.account);
        detail::get(value, "contract", data.contract);
        detail::get(value, "position", data.position);
        detail::get(value, "avgCost", data.avgCost);
        return data;
    }
};

/// TWS has sent all positions. Only changes follow.
struct PositionEndData {
    static constexpr std::string_view event = "positionEnd";

    static PositionEndData read([[maybe_unused]] const Value& value) {
        PositionEndData data;
        return data;
    }
};

/// One position of an account or model.
struct PositionMultiData {
    static constexpr std::string_view event = "positionMulti";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Account.
    std::optional<std::string> account{};
    std::optional<Contract> contract{};
    /// Size of the position: negative for a short position, 0 for a closed one.
    std::optional<Decimal> position{};
    /// Average cost of one unit. For derivatives it includes the multiplier.
    std::optional<double> avgCost{};
    /// Model.
    std::optional<std::string> modelCode{};

    static PositionMultiData read([[maybe_unused]] const Value& value) {
        PositionMultiData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "account", data.account);
        detail::get(value, "contract", data.contract);
        detail::get(value, "position", data.position);
        detail::get(value, "avgCost", data.avgCost);
        detail::get(value, "modelCode", data.modelCode);
        return data;
    }
};

/// TWS has sent all positions. Only changes follow.
struct PositionMultiEndData {
    static constexpr std::string_view event = "positionMultiEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};

    static PositionMultiEndData read([[maybe_unused]] const Value& value) {
        PositionMultiEndData data;
        detail::get(value, "reqId", data.reqId);
        return data;
    }
};

/// A bar of five seconds. TWS sends it when the bar ends.
struct RealtimeBarData {
    static constexpr std::string_view event = "realtimeBar";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Start of the bar: seconds since 1970 UTC.
    std::optional<std::int64_t> time{};
    /// First price.
    std::optional<double> open{};
    /// Highest price.
    std::optional<double> high{};
    /// Lowest price.
    std::optional<double> low{};
    /// Last price.
    std::optional<double> close{};
    /// Volume. For TRADES only; -1 otherwise.
    std::optional<Decimal> volume{};
    /// Average price, weighted by volume. For TRADES only.
    std::optional<Decimal> WAP{};
    /// Number of trades. For TRADES only.
    std::optional<std::int32_t> count{};

    static RealtimeBarData read([[maybe_unused]] const Value& value) {
        RealtimeBarData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "time", data.time);
        detail::get(value, "open", data.open);
        detail::get(value, "high", data.high);
        detail::get(value, "low", data.low);
        detail::get(value, "close", data.close);
        detail::get(value, "volume", data.volume);
        detail::get(value, "WAP", data.WAP);
        detail::get(value, "count", data.count);
        return data;
    }
};

/// One part of the advisor's configuration.
struct ReceiveFAData {
    static constexpr std::string_view event = "receiveFA";
    /// Part of the configuration. 1: groups; 2: profiles (below server version 177); 3: aliases of accounts.
    std::int32_t faDataType{};
    /// The configuration.
    std::optional<std::string> xml{};

    static ReceiveFAData read([[maybe_unused]] const Value& value) {
        ReceiveFAData data;
        detail::get(value, "faDataType", data.faDataType);
        detail::get(value, "xml", data.xml);
        return data;
    }
};

/// TWS has replaced the advisor's configuration.
struct ReplaceFAEndData {
    static constexpr std::string_view event = "replaceFAEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// TWS's message about the result.
    std::optional<std::string> text{};

    static ReplaceFAEndData read([[maybe_unused]] const Value& value) {
        ReplaceFAEndData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "text", data.text);
        return data;
    }
};

/// TWS has no market data for the CFD of the request. Send the request again with the same ID, for this contract.
struct RerouteMktDataReqData {
    static constexpr std::string_view event = "rerouteMktDataReq";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Contract ID to request instead.
    std::optional<std::int32_t> conId{};
    /// Exchange to request instead.
    std::optional<std::string> exchange{};

    static RerouteMktDataReqData read([[maybe_unused]] const Value& value) {
        RerouteMktDataReqData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "conId", data.conId);
        detail::get(value, "exchange", data.exchange);
        return data;
    }
};

/// TWS has no market depth for the CFD of the request. Send the request again with the same ID, for this contract.
struct RerouteMktDepthReqData {
    static constexpr std::string_view event = "rerouteMktDepthReq";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Contract ID to request instead.
    std::optional<std::int32_t> conId{};
    /// Exchange to request instead.
    std::optional<std::string> exchange{};

    static RerouteMktDepthReqData read([[maybe_unused]] const Value& value) {
        RerouteMktDepthReqData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "conId", data.conId);
        detail::get(value, "exchange", data.exchange);
        return data;
    }
};

/// One row of a scan.
struct ScannerDataElement {
    /// Rank in the scan, from 0.
    std::optional<std::int32_t> rank{};
    std::optional<Contract> contract{};
    /// Name of the instrument's market.
    std::optional<std::string> marketName{};
    /// Another value of the row. Its meaning depends on the scan.
    std::optional<std::string> distance{};
    /// Another value of the row. Its meaning depends on the scan.
    std::optional<std::string> benchmark{};
    /// Another value of the row. Its meaning depends on the scan.
    std::optional<std::string> projection{};
    /// Legs of a combination, as text.
    std::optional<std::string> comboKey{};

    static ScannerDataElement read([[maybe_unused]] const Value& value) {
        ScannerDataElement data;
        detail::get(value, "rank", data.rank);
        detail::get(value, "contract", data.contract);
        detail::get(value, "marketName", data.marketName);
        detail::get(value, "distance", data.distance);
        detail::get(value, "benchmark", data.benchmark);
        detail::get(value, "projection", data.projection);
        detail::get(value, "comboKey", data.comboKey);
        return data;
    }
};

/// The whole result of a scan. TWS sends it each time it repeats the scan.
struct ScannerDataData {
    static constexpr std::string_view event = "scannerData";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Rows, in the order of their rank.
    std::vector<ScannerDataElement> scannerDataElement{};

    static ScannerDataData read([[maybe_unused]] const Value& value) {
        ScannerDataData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "scannerDataElement", data.scannerDataElement);
        return data;
    }
};

/// Everything that a scan can use: instruments, locations, scan codes, filters.
struct ScannerParametersData {
    static constexpr std::string_view event = "scannerParameters";
    /// XML, about two megabytes long.
    std::optional<std::string> xml{};

    static ScannerParametersData read([[maybe_unused]] const Value& value) {
        ScannerParametersData data;
        detail::get(value, "xml", data.xml);
        return data;
    }
};

/// One option chain: an exchange, a trading class, a multiplier.
struct SecurityDefinitionOptionParameterData {
    static constexpr std::string_view event = "securityDefinitionOptionParameter";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Exchange of the options.
    std::optional<std::string> exchange{};
    /// Contract ID of the underlying.
    std::optional<std::int32_t> underlyingConId{};
    /// Trading class of the options.
    std::optional<std::string> tradingClass{};
    /// Multiplier of the options.
    std::optional<std::string> multiplier{};
    /// Expirations: yyyymmdd each.
    std::vector<std::string> expirations{};
    /// Strikes. A strike may not exist for every expiration.
    std::vector<double> strikes{};

    static SecurityDefinitionOptionParameterData read([[maybe_unused]] const Value& value) {
        SecurityDefinitionOptionParameterData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "exchange", data.exchange);
        detail::get(value, "underlyingConId", data.underlyingConId);
        detail::get(value, "tradingClass", data.tradingClass);
        detail::get(value, "multiplier", data.multiplier);
        detail::get(value, "expirations", data.expirations);
        detail::get(value, "strikes", data.strikes);
        return data;
    }
};

/// TWS has sent all option chains.
struct SecurityDefinitionOptionParameterEndData {
    static constexpr std::string_view event = "securityDefinitionOptionParameterEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};

    static SecurityDefinitionOptionParameterEndData read([[maybe_unused]] const Value& value) {
        SecurityDefinitionOptionParameterEndData data;
        detail::get(value, "reqId", data.reqId);
        return data;
    }
};

/// One exchange of the SMART quotes.
struct SmartComponent {
    /// Bit of the exchange in a mask of exchanges.
    std::optional<std::int32_t> bitNumber{};
    /// Exchange.
    std::optional<std::string> exchange{};
    /// Letter of the exchange in exchange ticks (32, 33, 84).
    std::optional<std::string> exchangeLetter{};

    static SmartComponent read([[maybe_unused]] const Value& value) {
        SmartComponent data;
        detail::get(value, "bitNumber", data.bitNumber);
        detail::get(value, "exchange", data.exchange);
        detail::get(value, "exchangeLetter", data.exchangeLetter);
        return data;
    }
};

/// The exchanges that the letters in exchange ticks stand for.
struct SmartComponentsData {
    static constexpr std::string_view event = "smartComponents";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Exchanges.
    std::vector<SmartComponent> smartComponents{};

    static SmartComponentsData read([[maybe_unused]] const Value& value) {
        SmartComponentsData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "smartComponents", data.smartComponents);
        return data;
    }
};

/// The commission tiers of the login.
struct SoftDollarTiersData {
    static constexpr std::string_view event = "softDollarTiers";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Tiers.
    std::vector<SoftDollarTier> softDollarTiers{};

    static SoftDollarTiersData read([[maybe_unused]] const Value& value) {
        SoftDollarTiersData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "softDollarTiers", data.softDollarTiers);
        return data;
    }
};

/// An instrument that matches a search, with its kinds of derivatives.
struct ContractDescription {
    std::optional<Contract> contract{};
    /// Kinds of derivatives of the instrument.
    std::vector<std::string> derivativeSecTypes{};

    static ContractDescription read([[maybe_unused]] const Value& value) {
        ContractDescription data;
        detail::get(value, "contract", data.contract);
        detail::get(value, "derivativeSecTypes", data.derivativeSecTypes);
        return data;
    }
};

/// Instruments that match a search.
struct SymbolSamplesData {
    static constexpr std::string_view event = "symbolSamples";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Up to 16 instruments that match.
    std::vector<ContractDescription> contractDescriptions{};

    static SymbolSamplesData read([[maybe_unused]] const Value& value) {
        SymbolSamplesData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "contractDescriptions", data.contractDescriptions);
        return data;
    }
};

/// One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType.
struct TickByTickAllLastData {
    static constexpr std::string_view event = "tickByTickAllLast";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
    /// similar trades; 3: bid and ask; 4: midpoint.
    std::int32_t tickType{};
    std::optional<HistoricalTickLast> historicalTickLast{};
    std::optional<HistoricalTickBidAsk> historicalTickBidAsk{};
    std::optional<HistoricalTick> historicalTickMidPoint{};

    static TickByTickAllLastData read([[maybe_unused]] const Value& value) {
        TickByTickAllLastData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "historicalTickLast", data.historicalTickLast);
        detail::get(value, "historicalTickBidAsk", data.historicalTickBidAsk);
        detail::get(value, "historicalTickMidPoint", data.historicalTickMidPoint);
        return data;
    }
};

/// One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType.
struct TickByTickBidAskData {
    static constexpr std::string_view event = "tickByTickBidAsk";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
    /// similar trades; 3: bid and ask; 4: midpoint.
    std::int32_t tickType{};
    std::optional<HistoricalTickLast> historicalTickLast{};
    std::optional<HistoricalTickBidAsk> historicalTickBidAsk{};
    std::optional<HistoricalTick> historicalTickMidPoint{};

    static TickByTickBidAskData read([[maybe_unused]] const Value& value) {
        TickByTickBidAskData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "historicalTickLast", data.historicalTickLast);
        detail::get(value, "historicalTickBidAsk", data.historicalTickBidAsk);
        detail::get(value, "historicalTickMidPoint", data.historicalTickMidPoint);
        return data;
    }
};

/// One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType.
struct TickByTickMidPointData {
    static constexpr std::string_view event = "tickByTickMidPoint";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
    /// similar trades; 3: bid and ask; 4: midpoint.
    std::int32_t tickType{};
    std::optional<HistoricalTickLast> historicalTickLast{};
    std::optional<HistoricalTickBidAsk> historicalTickBidAsk{};
    std::optional<HistoricalTick> historicalTickMidPoint{};

    static TickByTickMidPointData read([[maybe_unused]] const Value& value) {
        TickByTickMidPointData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "historicalTickLast", data.historicalTickLast);
        detail::get(value, "historicalTickBidAsk", data.historicalTickBidAsk);
        detail::get(value, "historicalTickMidPoint", data.historicalTickMidPoint);
        return data;
    }
};

/// Exchange for physical: basis and dividends against the future. Text form only.
struct TickEFPData {
    static constexpr std::string_view event = "tickEFP";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of value. 38: exchange for physical, bid; 39: exchange for physical, ask; 40: exchange for physical,
    /// last; 41: exchange for physical, open; 42: exchange for physical, high; 43: exchange for physical, low; 44:
    /// exchange for physical, close.
    std::int32_t tickType{};
    /// Financing rate a year, in basis points.
    std::optional<double> basisPoints{};
    /// The same as text, in percent.
    std::optional<std::string> formattedBasisPoints{};
    /// Total dividends, by the field's name. IBKR's manual calls this value the implied price of the future.
    std::optional<double> totalDividends{};
    /// Days until the last trading day of the future.
    std::optional<std::int32_t> holdDays{};
    /// Last trading day of the future.
    std::optional<std::string> futureLastTradeDate{};
    /// Effect of the dividends on the rate, in basis points.
    std::optional<double> dividendImpact{};
    /// Dividends expected until the last trading day.
    std::optional<double> dividendsToLastTradeDate{};

    static TickEFPData read([[maybe_unused]] const Value& value) {
        TickEFPData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "basisPoints", data.basisPoints);
        detail::get(value, "formattedBasisPoints", data.formattedBasisPoints);
        detail::get(value, "totalDividends", data.totalDividends);
        detail::get(value, "holdDays", data.holdDays);
        detail::get(value, "futureLastTradeDate", data.futureLastTradeDate);
        detail::get(value, "dividendImpact", data.dividendImpact);
        detail::get(value, "dividendsToLastTradeDate", data.dividendsToLastTradeDate);
        return data;
    }
};

/// A tick with a numeric value.
struct TickGenericData {
    static constexpr std::string_view event = "tickGeneric";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of value. 23: historical volatility of 30 days; 24: implied volatility of 30 days; 31: premium of the
    /// index future; 46: availability for short sale: above 2.5 easy, above 1.5 hard, otherwise not available; 49:
    /// halted: -1 unknown, 0 no, 1 yes, 2 for volatility; 54: number of trades of the day; 55: trades a minute; 56:
    /// volume a minute; 58: historical volatility of 30 days, in real time; 60: factor of the bond's multiplier; 90:
    /// delayed: halted; 101: price range of an IPO: midpoint; 102: price of an IPO: final.
    std::int32_t tickType{};
    /// The value.
    std::optional<double> value{};

    static TickGenericData read([[maybe_unused]] const Value& value) {
        TickGenericData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "value", data.value);
        return data;
    }
};

/// A headline about an instrument. TWS sends it when it appears, if reqMktData requests generic tick 292.
struct TickNewsData {
    static constexpr std::string_view event = "tickNews";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Milliseconds since 1970 UTC.
    std::optional<std::int64_t> timestamp{};
    /// Source.
    std::optional<std::string> providerCode{};
    /// ID of the article, for reqNewsArticle.
    std::optional<std::string> articleId{};
    /// Headline.
    std::optional<std::string> headline{};
    /// More information as text, such as language and sentiment.
    std::optional<std::string> extraData{};

    static TickNewsData read([[maybe_unused]] const Value& value) {
        TickNewsData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "timestamp", data.timestamp);
        detail::get(value, "providerCode", data.providerCode);
        detail::get(value, "articleId", data.articleId);
        detail::get(value, "headline", data.headline);
        detail::get(value, "extraData", data.extraData);
        return data;
    }
};

/// Volatility, price and greeks of an option.
struct TickOptionComputationData {
    static constexpr std::string_view event = "tickOptionComputation";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of value. 10: option, computed from the bid; 11: option, computed from the ask; 12: option, computed from
    /// the last price; 13: option, computed by the model; 53: option, computed on request; 80: delayed option,
    /// computed from the bid; 81: delayed option, computed from the ask; 82: delayed option, computed from the last
    /// price; 83: delayed option, computed by the model.
    std::int32_t tickType{};
    /// How TWS computed the values. 0: from returns; 1: from prices.
    std::optional<std::int32_t> tickAttrib{};
    /// Implied volatility, as a fraction. Below 0: not computed.
    std::optional<double> impliedVol{};
    /// Delta. -2: not computed.
    std::optional<double> delta{};
    /// Price of the option. -1: not computed.
    std::optional<double> optPrice{};
    /// Present value of the dividends until expiry. -1: not computed.
    std::optional<double> pvDividend{};
    /// Gamma. -2: not computed.
    std::optional<double> gamma{};
    /// Vega. -2: not computed.
    std::optional<double> vega{};
    /// Theta. -2: not computed.
    std::optional<double> theta{};
    /// Price of the underlying. -1: not computed.
    std::optional<double> undPrice{};

    static TickOptionComputationData read([[maybe_unused]] const Value& value) {
        TickOptionComputationData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "tickAttrib", data.tickAttrib);
        detail::get(value, "impliedVol", data.impliedVol);
        detail::get(value, "delta", data.delta);
        detail::get(value, "optPrice", data.optPrice);
        detail::get(value, "pvDividend", data.pvDividend);
        detail::get(value, "gamma", data.gamma);
        detail::get(value, "vega", data.vega);
        detail::get(value, "theta", data.theta);
        detail::get(value, "undPrice", data.undPrice);
        return data;
    }
};

/// A price, and its size for bid, ask and last.
struct TickPriceData {
    static constexpr std::string_view event = "tickPrice";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of value. 1: bid; 2: ask; 4: last price; 6: high of the day; 7: low of the day; 9: close of the day
    /// before; 14: open of the day; 15: low of 13 weeks; 16: high of 13 weeks; 17: low of 26 weeks; 18: high of 26
    /// weeks; 19: low of 52 weeks; 20: high of 52 weeks; 35: price of the auction; 37: mark price; 50: yield at the
    /// bid; 51: yield at the ask; 52: yield at the last price; 57: last price in regular trading hours; 66: delayed
    /// bid; 67: delayed ask; 68: delayed last price; 72: delayed high of the day; 73: delayed low of the day; 75:
    /// delayed close of the day before; 76: delayed open of the day; 78: mark price of Creditman; 79: slow mark price
    /// of Creditman; 92: ETF net asset value: close; 93: ETF net asset value: close before; 94: ETF net asset value:
    /// bid; 95: ETF net asset value: ask; 96: ETF net asset value: last; 97: ETF net asset value: last, frozen; 98:
    /// ETF net asset value: high; 99: ETF net asset value: low; 103: delayed yield at the bid; 104: delayed yield at
    /// the ask; 105: odd lot: bid; 106: odd lot: ask.
    std::int32_t tickType{};
    /// The price. -1: there is none now.
    std::optional<double> price{};
    /// Size at the price, for bid, ask and last.
    std::optional<Decimal> size{};
    /// Flags: 1 can fill automatically, 2 past the limit of the day, 4 before the open.
    std::optional<std::int32_t> attrMask{};

    static TickPriceData read([[maybe_unused]] const Value& value) {
        TickPriceData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "price", data.price);
        detail::get(value, "size", data.size);
        detail::get(value, "attrMask", data.attrMask);
        return data;
    }
};

/// Parameters of a request's ticks: price step, exchange map, permissions.
struct TickReqParamsData {
    static constexpr std::string_view event = "tickReqParams";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Smallest price step.
    std::optional<Decimal> minTick{};
    /// Exchange map, for reqSmartComponents.
    std::optional<std::string> bboExchange{};
    /// Code for the snapshots that the login may request.
    std::optional<std::int32_t> snapshotPermissions{};
    /// Step of last prices.
    std::optional<Decimal> lastPricePrecision{};
    /// Step of last sizes.
    std::optional<Decimal> lastSizePrecision{};

    static TickReqParamsData read([[maybe_unused]] const Value& value) {
        TickReqParamsData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "minTick", data.minTick);
        detail::get(value, "bboExchange", data.bboExchange);
        detail::get(value, "snapshotPermissions", data.snapshotPermissions);
        detail::get(value, "lastPricePrecision", data.lastPricePrecision);
        detail::get(value, "lastSizePrecision", data.lastSizePrecision);
        return data;
    }
};

/// A size.
struct TickSizeData {
    static constexpr std::string_view event = "tickSize";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of value. 0: size of the bid; 3: size of the ask; 5: size of the last trade; 8: volume of the day; 21:
    /// average daily volume of 90 days; 22: open interest; 27: open interest of calls; 28: open interest of puts; 29:
    /// volume of calls; 30: volume of puts; 34: volume that would trade in the auction; 36: imbalance of the auction;
    /// 61: imbalance by regulation; 63: volume of 3 minutes; 64: volume of 5 minutes; 65: volume of 10 minutes; 69:
    /// delayed size of the bid; 70: delayed size of the ask; 71: delayed size of the last trade; 74: delayed volume
    /// of the day; 86: open interest of futures; 87: average volume of options; 89: shares that can be borrowed; 107:
    /// odd lot: size of the bid; 108: odd lot: size of the ask.
    std::int32_t tickType{};
    /// The size.
    std::optional<Decimal> size{};

    static TickSizeData read([[maybe_unused]] const Value& value) {
        TickSizeData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "size", data.size);
        return data;
    }
};

/// TWS has sent the whole snapshot.
struct TickSnapshotEndData {
    static constexpr std::string_view event = "tickSnapshotEnd";
    /// ID of the request that this message answers.
    std::int32_t reqId{};

    static TickSnapshotEndData read([[maybe_unused]] const Value& value) {
        TickSnapshotEndData data;
        detail::get(value, "reqId", data.reqId);
        return data;
    }
};

/// A tick with a text value: a time, exchanges, or several values together.
struct TickStringData {
    static constexpr std::string_view event = "tickString";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Kind of value. 25: exchange of the option bid; 26: exchange of the option ask; 32: exchanges of the bid, by
    /// letter; 33: exchanges of the ask, by letter; 45: time of the last trade, seconds since 1970 UTC; 47: not used;
    /// 48: each trade: price;size;time in ms;volume;VWAP;single market maker; 59: dividends: past 12 months,next 12
    /// months,next date,next amount; 62: news; 77: each trade that counts towards the volume: price;size;time in
    /// ms;volume;VWAP;single market maker; 84: exchange of the last trade, by letter; 85: time of the last trade by
    /// regulation; 88: delayed time of the last trade, seconds since 1970 UTC; 91: mutual funds of Reuters; 100:
    /// analytics of social media; 109: odd lot: exchange of the bid; 110: odd lot: exchange of the ask.
    std::int32_t tickType{};
    /// The text.
    std::optional<std::string> value{};

    static TickStringData read([[maybe_unused]] const Value& value) {
        TickStringData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "tickType", data.tickType);
        detail::get(value, "value", data.value);
        return data;
    }
};

/// When TWS last updated the account.
struct UpdateAccountTimeData {
    static constexpr std::string_view event = "updateAccountTime";
    /// Time of day: hh:mm.
    std::optional<std::string> timeStamp{};

    static UpdateAccountTimeData read([[maybe_unused]] const Value& value) {
        UpdateAccountTimeData data;
        detail::get(value, "timeStamp", data.timeStamp);
        return data;
    }
};

/// One value of the account.
struct UpdateAccountValueData {
    static constexpr std::string_view event = "updateAccountValue";
    /// Kind of value.
    std::optional<std::string> key{};
    /// The value, as text.
    std::optional<std::string> value{};
    /// Currency of the value. Empty if it has none.
    std::optional<std::string> currency{};
    /// Account.
    std::optional<std::string> accountName{};

    static UpdateAccountValueData read([[maybe_unused]] const Value& value) {
        UpdateAccountValueData data;
        detail::get(value, "key", data.key);
        detail::get(value, "value", data.value);
        detail::get(value, "currency", data.currency);
        detail::get(value, "accountName", data.accountName);
        return data;
    }
};

/// A warning about a change of settings, or a warning that the client accepts.
struct UpdateConfigWarning {
    /// Number of the warning.
    std::optional<std::int32_t> messageId{};
    /// Title of the warning.
    std::optional<std::string> title{};
    /// Text of the warning.
    std::optional<std::string> message{};

    static UpdateConfigWarning read([[maybe_unused]] const Value& value) {
        UpdateConfigWarning data;
        detail::get(value, "messageId", data.messageId);
        detail::get(value, "title", data.title);
        detail::get(value, "message", data.message);
        return data;
    }
};

/// The result of a change of settings.
struct UpdateConfigResponseData {
    static constexpr std::string_view event = "updateConfigResponse";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Whether TWS made the change.
    std::optional<std::string> status{};
    /// TWS's message about the result.
    std::optional<std::string> message{};
    /// Settings that have changed.
    std::vector<std::string> changedFields{};
    /// Errors of the request.
    std::vector<std::string> errors{};
    /// Warnings that the client must accept before TWS makes the change.
    std::vector<UpdateConfigWarning> warnings{};

    static UpdateConfigResponseData read([[maybe_unused]] const Value& value) {
        UpdateConfigResponseData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "status", data.status);
        detail::get(value, "message", data.message);
        detail::get(value, "changedFields", data.changedFields);
        detail::get(value, "errors", data.errors);
        detail::get(value, "warnings", data.warnings);
        return data;
    }
};

/// One change of an order book.
struct MarketDepthData {
    /// Row of the book, from 0 at the best price.
    std::optional<std::int32_t> position{};
    /// Change of the row. 0: insert: rows below move down; 1: update; 2: delete: rows below move up.
    std::optional<std::int32_t> operation{};
    /// Side of the book. 0: ask; 1: bid.
    std::optional<std::int32_t> side{};
    /// Price of the row.
    std::optional<double> price{};
    /// Size of the row.
    std::optional<Decimal> size{};
    /// Market maker, or the exchange if isSmartDepth is true. Level 2 only.
    std::optional<std::string> marketMaker{};
    /// True: the book combines several exchanges (SMART depth). Level 2 only.
    std::optional<bool> isSmartDepth{};

    static MarketDepthData read([[maybe_unused]] const Value& value) {
        MarketDepthData data;
        detail::get(value, "position", data.position);
        detail::get(value, "operation", data.operation);
        detail::get(value, "side", data.side);
        detail::get(value, "price", data.price);
        detail::get(value, "size", data.size);
        detail::get(value, "marketMaker", data.marketMaker);
        detail::get(value, "isSmartDepth", data.isSmartDepth);
        return data;
    }
};

/// One change of an order book, level 1: rows by price.
struct UpdateMktDepthData {
    static constexpr std::string_view event = "updateMktDepth";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    std::optional<MarketDepthData> marketDepthData{};

    static UpdateMktDepthData read([[maybe_unused]] const Value& value) {
        UpdateMktDepthData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "marketDepthData", data.marketDepthData);
        return data;
    }
};

/// One change of an order book, level 2: rows by market maker or exchange.
struct UpdateMktDepthL2Data {
    static constexpr std::string_view event = "updateMktDepthL2";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    std::optional<MarketDepthData> marketDepthData{};

    static UpdateMktDepthL2Data read([[maybe_unused]] const Value& value) {
        UpdateMktDepthL2Data data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "marketDepthData", data.marketDepthData);
        return data;
    }
};

/// A bulletin from IBKR.
struct UpdateNewsBulletinData {
    static constexpr std::string_view event = "updateNewsBulletin";
    /// Number of the bulletin.
    std::optional<std::int32_t> newsMsgId{};
    /// Subject of the bulletin. 1: news; 2: an exchange is not available; 3: an exchange is available again.
    std::optional<std::int32_t> newsMsgType{};
    /// The text.
    std::optional<std::string> newsMessage{};
    /// Exchange that issued the bulletin.
    std::optional<std::string> originatingExch{};

    static UpdateNewsBulletinData read([[maybe_unused]] const Value& value) {
        UpdateNewsBulletinData data;
        detail::get(value, "newsMsgId", data.newsMsgId);
        detail::get(value, "newsMsgType", data.newsMsgType);
        detail::get(value, "newsMessage", data.newsMessage);
        detail::get(value, "originatingExch", data.originatingExch);
        return data;
    }
};

/// One position of the account, with its market value.
struct UpdatePortfolioData {
    static constexpr std::string_view event = "updatePortfolio";
    std::optional<Contract> contract{};
    /// Size of the position: negative for a short position, 0 for a closed one.
    std::optional<Decimal> position{};
    /// Price of one unit.
    std::optional<double> marketPrice{};
    /// Value of the position.
    std::optional<double> marketValue{};
    /// Average cost of one unit. For derivatives it includes the multiplier.
    std::optional<double> averageCost{};
    /// Profit and loss of the open position.
    std::optional<double> unrealizedPNL{};
    /// Profit and loss of the positions closed today.
    std::optional<double> realizedPNL{};
    /// Account.
    std::optional<std::string> accountName{};

    static UpdatePortfolioData read([[maybe_unused]] const Value& value) {
        UpdatePortfolioData data;
        detail::get(value, "contract", data.contract);
        detail::get(value, "position", data.position);
        detail::get(value, "marketPrice", data.marketPrice);
        detail::get(value, "marketValue", data.marketValue);
        detail::get(value, "averageCost", data.averageCost);
        detail::get(value, "unrealizedPNL", data.unrealizedPNL);
        detail::get(value, "realizedPNL", data.realizedPNL);
        detail::get(value, "accountName", data.accountName);
        return data;
    }
};

/// Information about the login.
struct UserInfoData {
    static constexpr std::string_view event = "userInfo";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// ID of the white-branded broker; empty for IBKR's own.
    std::optional<std::string> whiteBrandingId{};

    static UserInfoData read([[maybe_unused]] const Value& value) {
        UserInfoData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "whiteBrandingId", data.whiteBrandingId);
        return data;
    }
};

/// Whether TWS accepts the program. Text form only.
struct VerifyAndAuthCompletedData {
    static constexpr std::string_view event = "verifyAndAuthCompleted";
    /// Accepted.
    std::optional<bool> isSuccessful{};
    /// Why TWS does not accept it.
    std::optional<std::string> errorText{};

    static VerifyAndAuthCompletedData read([[maybe_unused]] const Value& value) {
        VerifyAndAuthCompletedData data;
        detail::get(value, "isSuccessful", data.isSuccessful);
        detail::get(value, "errorText", data.errorText);
        return data;
    }
};

/// TWS's challenge to a program. Text form only.
struct VerifyAndAuthMessageAPIData {
    static constexpr std::string_view event = "verifyAndAuthMessageAPI";
    /// Data of TWS.
    std::optional<std::string> apiData{};
    /// The challenge. IBKR spells the field's name this way.
    std::optional<std::string> xyzChallange{};

    static VerifyAndAuthMessageAPIData read([[maybe_unused]] const Value& value) {
        VerifyAndAuthMessageAPIData data;
        detail::get(value, "apiData", data.apiData);
        detail::get(value, "xyzChallange", data.xyzChallange);
        return data;
    }
};

/// Whether TWS accepts the program.
struct VerifyCompletedData {
    static constexpr std::string_view event = "verifyCompleted";
    /// Accepted.
    std::optional<bool> isSuccessful{};
    /// Why TWS does not accept it.
    std::optional<std::string> errorText{};

    static VerifyCompletedData read([[maybe_unused]] const Value& value) {
        VerifyCompletedData data;
        detail::get(value, "isSuccessful", data.isSuccessful);
        detail::get(value, "errorText", data.errorText);
        return data;
    }
};

/// TWS's data for a program that identifies itself.
struct VerifyMessageAPIData {
    static constexpr std::string_view event = "verifyMessageAPI";
    /// Data of TWS.
    std::optional<std::string> apiData{};

    static VerifyMessageAPIData read([[maybe_unused]] const Value& value) {
        VerifyMessageAPIData data;
        detail::get(value, "apiData", data.apiData);
        return data;
    }
};

/// Corporate events.
struct WshEventDataData {
    static constexpr std::string_view event = "wshEventData";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// The events, as JSON.
    std::optional<std::string> dataJson{};

    static WshEventDataData read([[maybe_unused]] const Value& value) {
        WshEventDataData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "dataJson", data.dataJson);
        return data;
    }
};

/// The event types and filters of the calendar.
struct WshMetaDataData {
    static constexpr std::string_view event = "wshMetaData";
    /// ID of the request that this message answers.
    std::int32_t reqId{};
    /// Event types and filters, as JSON.
    std::optional<std::string> dataJson{};

    static WshMetaDataData read([[maybe_unused]] const Value& value) {
        WshMetaDataData data;
        detail::get(value, "reqId", data.reqId);
        detail::get(value, "dataJson", data.dataJson);
        return data;
    }
};

/// The connection to TWS has entered another state, or the reason for its state has changed.
struct ConnectionData {
    static constexpr std::string_view event = "connection";
    /// Epoch of the bridge, the same as in the envelope of events.
    std::string epoch{};
    /// A state of the connection to TWS. connecting: The bridge is opening the TCP connection; handshaking: The TCP
    /// connection is open. TWS has not answered yet; starting: The server version is agreed. The bridge waits for the
    /// accounts and the next order ID; ready: TWS is connected to the bridge and to IBKR; degraded: TWS is connected
    /// to the bridge, but has reported that it cannot reach IBKR; lost: The connection has ended, or the bridge could
    /// not open it; backingOff: The bridge waits before it tries again; stopped: The bridge is stopping.
    std::string state{};
    /// When the connection entered this state: ns since 1970 UTC.
    std::int64_t since{};
    /// The reason, as text for people. Absent if there is none.
    std::optional<std::string> reason{};
    /// Server version of the connection. Absent before TWS has answered.
    std::optional<std::int64_t> serverVersion{};
    /// When the connection began, in TWS's format. Absent before TWS has answered.
    std::optional<std::string> connectionTime{};
    /// Client ID of the bridge at TWS.
    std::int64_t clientId{};
    /// Code of TWS's notice, or of the error of IBKR's client libraries, that caused the change. Absent if no code
    /// did.
    std::optional<std::int64_t> code{};
    /// Name of the planned restart (setting `planned_restarts`) during which the change happened. Absent outside
    /// planned restarts.
    std::optional<std::string> planned{};

    static ConnectionData read([[maybe_unused]] const Value& value) {
        ConnectionData data;
        detail::get(value, "epoch", data.epoch);
        detail::get(value, "state", data.state);
        detail::get(value, "since", data.since);
        detail::get(value, "reason", data.reason);
        detail::get(value, "serverVersion", data.serverVersion);
        detail::get(value, "connectionTime", data.connectionTime);
        detail::get(value, "clientId", data.clientId);
        detail::get(value, "code", data.code);
        detail::get(value, "planned", data.planned);
        return data;
    }
};

/// A planned restart has entered another state. While it is `ahead` or has `begun`, the bridge sends no new order to
/// TWS.
struct PlannedRestartData {
    static constexpr std::string_view event = "plannedRestart";
    /// A state of a planned restart. ahead: The restart begins soon. The bridge sends no new order; begun: The
    /// restart is in progress. The bridge sends no new order, and a lost connection is normal; over: The restart is
    /// over.
    std::string state{};
    /// Name of the restart in the configuration.
    std::string name{};
    /// When the restart begins: ns since 1970 UTC.
    std::int64_t begins{};
    /// When the restart ends: ns since 1970 UTC.
    std::int64_t ends{};

    static PlannedRestartData read([[maybe_unused]] const Value& value) {
        PlannedRestartData data;
        detail::get(value, "state", data.state);
        detail::get(value, "name", data.name);
        detail::get(value, "begins", data.begins);
        detail::get(value, "ends", data.ends);
        return data;
    }
};

/// The bridge runs. It publishes this event each second, with the state of its connection to TWS.
struct HeartbeatData {
    static constexpr std::string_view event = "heartbeat";
    /// A state of the connection to TWS. connecting: The bridge is opening the TCP connection; handshaking: The TCP
    /// connection is open. TWS has not answered yet; starting: The server version is agreed. The bridge waits for the
    /// accounts and the next order ID; ready: TWS is connected to the bridge and to IBKR; degraded: TWS is connected
    /// to the bridge, but has reported that it cannot reach IBKR; lost: The connection has ended, or the bridge could
    /// not open it; backingOff: The bridge waits before it tries again; stopped: The bridge is stopping.
    std::string state{};
    /// When the connection entered this state: ns since 1970 UTC.
    std::int64_t since{};

    static HeartbeatData read([[maybe_unused]] const Value& value) {
        HeartbeatData data;
        detail::get(value, "state", data.state);
        detail::get(value, "since", data.since);
        return data;
    }
};

/// An error, a warning or a notice. It concerns a request, an order, or the whole connection (ID -1).
struct ErrorData {
    static constexpr std::string_view event = "notice";
    /// ID of the request or number of the order. -1: neither. Order IDs and request IDs share one range.
    std::optional<std::int32_t> id{};
    /// When the error happened: milliseconds since 1970 UTC. Absent below server version 194.
    std::optional<std::int64_t> errorTime{};
    /// Code of the error. 2100 to 2169 are notices.
    std::optional<std::int32_t> errorCode{};
    /// The text.
    std::optional<std::string> errorMsg{};
    /// Details of a rejection that a person may override, as JSON.
    std::optional<std::string> advancedOrderRejectJson{};

    static ErrorData read([[maybe_unused]] const Value& value) {
        ErrorData data;
        detail::get(value, "id", data.id);
        detail::get(value, "errorTime", data.errorTime);
        detail::get(value, "errorCode", data.errorCode);
        detail::get(value, "errorMsg", data.errorMsg);
        detail::get(value, "advancedOrderRejectJson", data.advancedOrderRejectJson);
        return data;
    }
};

/// An outage of streams has begun: TWS no longer serves them, or may no longer serve them. Snapshots mark their
/// values as stale. The bridge asks TWS for them again, and publishes `recovered` when TWS serves them. For the
/// streams of an account it publishes `gap` on that account's topics.
struct GapData {
    static constexpr std::string_view event = "gap";
    /// Names of the streams.
    std::vector<std::string> streams{};
    /// Topic prefixes of the streams, in the same order.
    std::vector<std::string> topics{};
    /// The reason, as text for people.
    std::string reason{};
    /// TWS's code. Absent if TWS sent none.
    std::optional<std::int64_t> code{};
    /// When the outage began: ns since 1970 UTC.
    std::int64_t since{};

    static GapData read([[maybe_unused]] const Value& value) {
        GapData data;
        detail::get(value, "streams", data.streams);
        detail::get(value, "topics", data.topics);
        detail::get(value, "reason", data.reason);
        detail::get(value, "code", data.code);
        detail::get(value, "since", data.since);
        return data;
    }
};

/// An outage is over: TWS serves these streams again. Events from the time of the outage are lost. A snapshot has the
/// current values.
struct RecoveredData {
    static constexpr std::string_view event = "recovered";
    /// Names of the streams, without those that ended during the outage.
    std::vector<std::string> streams{};
    /// Topic prefixes of the streams, in the same order.
    std::vector<std::string> topics{};
    /// When the outage began, the same as in its `gap`: ns since 1970 UTC.
    std::int64_t since{};
    /// When the outage ended: ns since 1970 UTC.
    std::int64_t until{};

    static RecoveredData read([[maybe_unused]] const Value& value) {
        RecoveredData data;
        detail::get(value, "streams", data.streams);
        detail::get(value, "topics", data.topics);
        detail::get(value, "since", data.since);
        detail::get(value, "until", data.until);
        return data;
    }
};

/// TWS no longer serves this stream, or may no longer serve it. Its earlier values may be out of date. The bridge
/// publishes `stale` on the stream's own topics, and `gap` for all streams of the same outage.
struct StaleData {
    static constexpr std::string_view event = "stale";
    /// Name of the stream.
    std::string stream{};
    /// Topic prefix of the stream.
    std::string topic{};
    /// The reason, as text for people.
    std::string reason{};
    /// TWS's code. Absent if TWS sent none.
    std::optional<std::int64_t> code{};
    /// When the outage began: ns since 1970 UTC.
    std::int64_t since{};

    static StaleData read([[maybe_unused]] const Value& value) {
        StaleData data;
        detail::get(value, "stream", data.stream);
        detail::get(value, "topic", data.topic);
        detail::get(value, "reason", data.reason);
        detail::get(value, "code", data.code);
        detail::get(value, "since", data.since);
        return data;
    }
};

/// TWS serves this stream again. A value that TWS has not sent again is no longer valid: take a snapshot. The bridge
/// publishes `fresh` on the stream's own topics.
struct FreshData {
    static constexpr std::string_view event = "fresh";
    /// Name of the stream.
    std::string stream{};
    /// Topic prefix of the stream.
    std::string topic{};
    /// When the stream became stale: ns since 1970 UTC.
    std::int64_t since{};
    /// When TWS served it again: ns since 1970 UTC.
    std::int64_t until{};

    static FreshData read([[maybe_unused]] const Value& value) {
        FreshData data;
        detail::get(value, "stream", data.stream);
        detail::get(value, "topic", data.topic);
        detail::get(value, "since", data.since);
        detail::get(value, "until", data.until);
        return data;
    }
};

/// A stream has ended while a client held it: TWS ended it, or every client that held it was lost. No more of its
/// events follow. A client that still needs the stream must subscribe again.
struct EndedData {
    static constexpr std::string_view event = "ended";
    /// Name of the stream.
    std::string stream{};
    /// Topic prefix of the stream.
    std::string topic{};
    /// Method with which the clients subscribed.
    std::string method{};
    /// The reason, as text for people.
    std::string reason{};
    /// TWS's error code. Absent if the bridge ended the stream.
    std::optional<std::int64_t> code{};

    static EndedData read([[maybe_unused]] const Value& value) {
        EndedData data;
        detail::get(value, "stream", data.stream);
        detail::get(value, "topic", data.topic);
        detail::get(value, "method", data.method);
        detail::get(value, "reason", data.reason);
        detail::get(value, "code", data.code);
        return data;
    }
};

/// The bridge received a request from a client that is new, or that had sent none for a lease.
struct ClientJoinedData {
    static constexpr std::string_view event = "clientJoined";
    /// Name of the client.
    std::string client{};
    /// When the request arrived: ns since 1970 UTC.
    std::int64_t since{};

    static ClientJoinedData read([[maybe_unused]] const Value& value) {
        ClientJoinedData data;
        detail::get(value, "client", data.client);
        detail::get(value, "since", data.since);
        return data;
    }
};

/// A client has sent no request for a lease (`hello` returns its length), and is not subscribed to events. The bridge
/// releases its streams. Its orders stay open unless the client's setting `when_lost` says otherwise.
struct ClientLostData {
    static constexpr std::string_view event = "clientLost";
    /// Name of the client.
    std::string client{};
    /// Names of the streams that the client held.
    std::vector<std::string> released{};
    /// Keys of its orders that the bridge cancels now. Absent if it cancels none.
    std::vector<std::string> cancelling{};

    static ClientLostData read([[maybe_unused]] const Value& value) {
        ClientLostData data;
        detail::get(value, "client", data.client);
        detail::get(value, "released", data.released);
        detail::get(value, "cancelling", data.cancelling);
        return data;
    }
};

/// A client has sent no request for a lease, but is subscribed to events. It keeps its streams. Its orders stay open
/// unless the client's setting `when_lost` says otherwise.
struct ClientSilentData {
    static constexpr std::string_view event = "clientSilent";
    /// Name of the client.
    std::string client{};
    /// Keys of its orders that the bridge cancels now. Absent if it cancels none.
    std::vector<std::string> cancelling{};

    static ClientSilentData read([[maybe_unused]] const Value& value) {
        ClientSilentData data;
        detail::get(value, "client", data.client);
        detail::get(value, "cancelling", data.cancelling);
        return data;
    }
};

/// A newer run of a client has sent `hello`. The bridge refuses orders of older runs from now on.
struct ClientFencedData {
    static constexpr std::string_view event = "clientFenced";
    /// Name of the client.
    std::string client{};
    /// `instance` of the newest run.
    std::string newest{};

    static ClientFencedData read([[maybe_unused]] const Value& value) {
        ClientFencedData data;
        detail::get(value, "client", data.client);
        detail::get(value, "newest", data.newest);
        return data;
    }
};

/// The bridge has taken over another configuration. A client that the event names may have other rights: `hello`
/// returns its roles. Its connections that were made before hear newly allowed topics after their next subscription.
struct ConfigurationData {
    static constexpr std::string_view event = "configuration";
    /// Names of the settings that have changed. `clients` stands for the clients and their rights.
    std::vector<std::string> settings{};
    /// Names of the clients that are new or gone, or have another key or other rights.
    std::vector<std::string> clients{};

    static ConfigurationData read([[maybe_unused]] const Value& value) {
        ConfigurationData data;
        detail::get(value, "settings", data.settings);
        detail::get(value, "clients", data.clients);
        return data;
    }
};

/// Trading was halted or resumed, or the reasons for a halt have changed.
struct TradingData {
    static constexpr std::string_view event = "trading";
    /// True: the bridge refuses new orders, and changes that add to an order.
    bool halted{};
    /// Reasons by source: `admin` or `file`.
    std::map<std::string, std::string> reasons{};

    static TradingData read([[maybe_unused]] const Value& value) {
        TradingData data;
        detail::get(value, "halted", data.halted);
        detail::get(value, "reasons", data.reasons);
        return data;
    }
};

/// A condition that stops trading, or that limits what clients get.
struct Finding {
    /// Code of the condition.
    std::string code{};
    /// The reason, as text for people.
    std::string because{};
    /// What a person must change, as text for people.
    std::string remedy{};

    static Finding read([[maybe_unused]] const Value& value) {
        Finding data;
        detail::get(value, "code", data.code);
        detail::get(value, "because", data.because);
        detail::get(value, "remedy", data.remedy);
        return data;
    }
};

/// The bridge has begun or ceased to trade, or another condition limits what clients get.
struct VerdictData {
    static constexpr std::string_view event = "verdict";
    /// True: the bridge sends new orders, and as far as it knows TWS takes them.
    bool trading{};
    /// When the bridge began or ceased to trade: ns since 1970 UTC.
    std::int64_t since{};
    /// Code of the condition that stops trading. `docs/reference/symptoms.md` lists all. Absent if the bridge trades.
    std::optional<std::string> code{};
    /// The reason, as text for people. Absent if the bridge trades.
    std::optional<std::string> because{};
    /// What a person must change, as text for people. Absent if the bridge trades.
    std::optional<std::string> remedy{};
    /// The other conditions that hold now, the gravest first.
    std::vector<Finding> also{};

    static VerdictData read([[maybe_unused]] const Value& value) {
        VerdictData data;
        detail::get(value, "trading", data.trading);
        detail::get(value, "since", data.since);
        detail::get(value, "code", data.code);
        detail::get(value, "because", data.because);
        detail::get(value, "remedy", data.remedy);
        detail::get(value, "also", data.also);
        return data;
    }
};

/// One of IBKR's data farms.
struct FarmInfo {
    /// Name of the farm, such as `usfarm`.
    std::string farm{};
    /// Kind of data that the farm provides. marketData: live market data; historicalData: historical market data;
    /// securityDefinitions: definitions of instruments.
    std::string kind{};
    /// State of TWS's connection to the farm. ok: connected (codes 2104, 2106, 2158); connecting: TWS is connecting
    /// (code 2119); inactive: not connected, until TWS needs the farm (codes 2107, 2108); broken: the connection is
    /// lost (codes 2103, 2105, 2157).
    std::string state{};
    /// When the farm entered this state: ns since 1970 UTC.
    std::int64_t since{};

    static FarmInfo read([[maybe_unused]] const Value& value) {
        FarmInfo data;
        detail::get(value, "farm", data.farm);
        detail::get(value, "kind", data.kind);
        detail::get(value, "state", data.state);
        detail::get(value, "since", data.since);
        return data;
    }
};

/// One of IBKR's data farms has entered another state. The event lists all farms that TWS has reported on this
/// connection.
struct FarmsData {
    static constexpr std::string_view event = "farms";
    /// The farms with their states.
    std::vector<FarmInfo> farms{};

    static FarmsData read([[maybe_unused]] const Value& value) {
        FarmsData data;
        detail::get(value, "farms", data.farms);
        return data;
    }
};

/// TWS has reported that it is asked too fast, and the bridge sends less for a while.
struct PacingData {
    static constexpr std::string_view event = "pacing";
    /// What TWS counted. messages: Messages per second (error 100). The bridge halves its limit; history: Requests of
    /// historical data and of real-time bars (a pacing violation: error 162 or 420). They wait.
    std::string counted{};
    /// Messages per second that the bridge sends now at most. Absent for `history`.
    std::optional<std::int64_t> limit{};
    /// Text of TWS.
    std::string reason{};
    /// Seconds until the full limit applies again.
    double seconds{};

    static PacingData read([[maybe_unused]] const Value& value) {
        PacingData data;
        detail::get(value, "counted", data.counted);
        detail::get(value, "limit", data.limit);
        detail::get(value, "reason", data.reason);
        detail::get(value, "seconds", data.seconds);
        return data;
    }
};

/// A request of the client waits, because TWS takes only so many messages per second.
struct QueuedData {
    static constexpr std::string_view event = "queued";
    /// Method of the request.
    std::string method{};
    /// About the most seconds that the request waits, if nothing more urgent comes.
    double waitSeconds{};

    static QueuedData read([[maybe_unused]] const Value& value) {
        QueuedData data;
        detail::get(value, "method", data.method);
        detail::get(value, "waitSeconds", data.waitSeconds);
        return data;
    }
};

/// Whether the bridge can write orders and their events to disk. While it cannot, it refuses orders and holds order
/// events back.
struct LedgerData {
    static constexpr std::string_view event = "ledger";
    /// State of the ledger. failed: the bridge cannot write to the ledger; written: the bridge has written everything
    /// that waited.
    std::string state{};
    /// Why the bridge cannot write. Absent if it can.
    std::optional<std::string> reason{};

    static LedgerData read([[maybe_unused]] const Value& value) {
        LedgerData data;
        detail::get(value, "state", data.state);
        detail::get(value, "reason", data.reason);
        return data;
    }
};

/// A message from TWS did not match its declaration. The bridge dropped the message and reads on.
struct DecodeErrorData {
    static constexpr std::string_view event = "decodeError";
    /// Name of the message. Absent if the bridge does not know its ID.
    std::optional<std::string> message{};
    /// ID of the message. Absent if the bridge could not read it.
    std::optional<std::int64_t> id{};
    /// Field that the bridge could not read. Absent if no single field is at fault.
    std::optional<std::string> field{};
    /// What was wrong, as text for people.
    std::string reason{};
    /// Server version by which the bridge read the message.
    std::optional<std::int64_t> serverVersion{};
    /// The bytes of the message, without the length prefix.
    Bytes payload{};

    static DecodeErrorData read([[maybe_unused]] const Value& value) {
        DecodeErrorData data;
        detail::get(value, "message", data.message);
        detail::get(value, "id", data.id);
        detail::get(value, "field", data.field);
        detail::get(value, "reason", data.reason);
        detail::get(value, "serverVersion", data.serverVersion);
        detail::get(value, "payload", data.payload);
        return data;
    }
};

/// The bridge failed to handle a message from TWS, because of a defect in the bridge. The bridge dropped the message
/// and reads on.
struct DefectData {
    static constexpr std::string_view event = "defect";
    /// Name of the message.
    std::string message{};
    /// What went wrong and where, as text for people.
    std::string reason{};

    static DefectData read([[maybe_unused]] const Value& value) {
        DefectData data;
        detail::get(value, "message", data.message);
        detail::get(value, "reason", data.reason);
        return data;
    }
};

/// TWS has sent a message with an ID that the bridge does not know. TWS is probably newer than the bridge.
struct UnknownMessageData {
    static constexpr std::string_view event = "unknownMessage";
    /// ID of the message.
    std::int64_t id{};
    /// The bytes of the message, without the length prefix.
    Bytes payload{};

    static UnknownMessageData read([[maybe_unused]] const Value& value) {
        UnknownMessageData data;
        detail::get(value, "id", data.id);
        detail::get(value, "payload", data.payload);
        return data;
    }
};

/// The newest number of an owner's order log. The bridge publishes it each second for each owner that has a log. A
/// client with a lower number has missed events, and gets them with `orderLog`.
struct HeadData {
    static constexpr std::string_view event = "head";
    /// Name of the log. A new name means that the ledger was lost and that the numbers start again.
    std::string log{};
    /// Highest `n` that is on disk.
    std::int64_t head{};

    static HeadData read([[maybe_unused]] const Value& value) {
        HeadData data;
        detail::get(value, "log", data.log);
        detail::get(value, "head", data.head);
        return data;
    }
};

/// The bridge does not know the outcome of this order, or some of its executions, and TWS can no longer send them.
struct OrderGapData {
    static constexpr std::string_view event = "orderGap";
    /// Number of the order at TWS. Absent if it was cancelled before it got one.
    std::optional<std::int32_t> orderId{};
    /// Key of the order.
    std::string orderKey{};
    /// The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
    /// order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may
    /// have sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive:
    /// TWS holds the order and does not work it. TWS may work it later: cancel it before you place another order in
    /// its place; unknown: The order may be working, or may have been executed. Never place it again with another
    /// key. `reason` says what is missing; notFound: The bridge has proof that TWS never had the order. No other
    /// order can use its key until `abandon`; filled: The order is executed in full; cancelled: The order has ended.
    /// `filled` is the executed quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order
    /// with an error; abandoned: A client has abandoned the order. Its key is free; unsent: The bridge never sent the
    /// order. Its key is free.
    std::string state{};
    /// IBKR's permanent number of the order. Absent until TWS sends it.
    std::optional<std::string> permId{};
    /// Status that TWS last sent. Absent until TWS sends one.
    std::optional<std::string> status{};
    /// Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed.
    std::optional<Decimal> filled{};
    /// For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is
    /// true.
    std::optional<bool> fillsFinal{};
    /// For an unknown order: when it was placed, in ns since 1970 UTC.
    std::optional<std::int64_t> sentAt{};
    /// In the answer to a cancel. True: the order had already ended.
    std::optional<bool> alreadyEnded{};
    /// Revision of the newest change. Absent if the order was never changed.
    std::optional<std::int64_t> revision{};
    /// State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on
    /// disk yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know
    /// whether TWS made the change; refused: TWS refused the change; notApplied: TWS has the order without the
    /// change; orderEnded: the order ended before TWS showed the change.
    std::optional<std::string> change{};
    /// What is missing, as text for people.
    std::string reason{};
    /// True: the bridge will not learn what is missing.
    bool unrecoverable{};

    static OrderGapData read([[maybe_unused]] const Value& value) {
        OrderGapData data;
        detail::get(value, "orderId", data.orderId);
        detail::get(value, "orderKey", data.orderKey);
        detail::get(value, "state", data.state);
        detail::get(value, "permId", data.permId);
        detail::get(value, "status", data.status);
        detail::get(value, "filled", data.filled);
        detail::get(value, "fillsFinal", data.fillsFinal);
        detail::get(value, "sentAt", data.sentAt);
        detail::get(value, "alreadyEnded", data.alreadyEnded);
        detail::get(value, "revision", data.revision);
        detail::get(value, "change", data.change);
        detail::get(value, "reason", data.reason);
        detail::get(value, "unrecoverable", data.unrecoverable);
        return data;
    }
};

/// TWS's messages about this order contradict each other: for example, TWS has an order that it did not have before,
/// or several orders with one number. A person must check the order.
struct ConflictData {
    static constexpr std::string_view event = "conflict";
    /// Number of the order at TWS. Absent if it was cancelled before it got one.
    std::optional<std::int32_t> orderId{};
    /// Key of the order.
    std::string orderKey{};
    /// The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
    /// order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may
    /// have sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive:
    /// TWS holds the order and does not work it. TWS may work it later: cancel it before you place another order in
    /// its place; unknown: The order may be working, or may have been executed. Never place it again with another
    /// key. `reason` says what is missing; notFound: The bridge has proof that TWS never had the order. No other
    /// order can use its key until `abandon`; filled: The order is executed in full; cancelled: The order has ended.
    /// `filled` is the executed quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order
    /// with an error; abandoned: A client has abandoned the order. Its key is free; unsent: The bridge never sent the
    /// order. Its key is free.
    std::string state{};
    /// IBKR's permanent number of the order. Absent until TWS sends it.
    std::optional<std::string> permId{};
    /// Status that TWS last sent. Absent until TWS sends one.
    std::optional<std::string> status{};
    /// Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed.
    std::optional<Decimal> filled{};
    /// For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is
    /// true.
    std::optional<bool> fillsFinal{};
    /// For an unknown order: when it was placed, in ns since 1970 UTC.
    std::optional<std::int64_t> sentAt{};
    /// In the answer to a cancel. True: the order had already ended.
    std::optional<bool> alreadyEnded{};
    /// Revision of the newest change. Absent if the order was never changed.
    std::optional<std::int64_t> revision{};
    /// State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on
    /// disk yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know
    /// whether TWS made the change; refused: TWS refused the change; notApplied: TWS has the order without the
    /// change; orderEnded: the order ended before TWS showed the change.
    std::optional<std::string> change{};
    /// The contradiction, as text for people.
    std::string reason{};

    static ConflictData read([[maybe_unused]] const Value& value) {
        ConflictData data;
        detail::get(value, "orderId", data.orderId);
        detail::get(value, "orderKey", data.orderKey);
        detail::get(value, "state", data.state);
        detail::get(value, "permId", data.permId);
        detail::get(value, "status", data.status);
        detail::get(value, "filled", data.filled);
        detail::get(value, "fillsFinal", data.fillsFinal);
        detail::get(value, "sentAt", data.sentAt);
        detail::get(value, "alreadyEnded", data.alreadyEnded);
        detail::get(value, "revision", data.revision);
        detail::get(value, "change", data.change);
        detail::get(value, "reason", data.reason);
        return data;
    }
};

/// An admin has abandoned this order without proof that TWS never had it.
struct AbandonedData {
    static constexpr std::string_view event = "abandoned";
    /// Number of the order at TWS. Absent if it was cancelled before it got one.
    std::optional<std::int32_t> orderId{};
    /// Key of the order.
    std::string orderKey{};
    /// The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
    /// order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may
    /// have sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive:
    /// TWS holds the order and does not work it. TWS may work it later: cancel it before you place another order in
    /// its place; unknown: The order may be working, or may have been executed. Never place it again with another
    /// key. `reason` says what is missing; notFound: The bridge has proof that TWS never had the order. No other
    /// order can use its key until `abandon`; filled: The order is executed in full; cancelled: The order has ended.
    /// `filled` is the executed quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order
    /// with an error; abandoned: A client has abandoned the order. Its key is free; unsent: The bridge never sent the
    /// order. Its key is free.
    std::string state{};
    /// IBKR's permanent number of the order. Absent until TWS sends it.
    std::optional<std::string> permId{};
    /// Status that TWS last sent. Absent until TWS sends one.
    std::optional<std::string> status{};
    /// Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed.
    std::optional<Decimal> filled{};
    /// For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is
    /// true.
    std::optional<bool> fillsFinal{};
    /// For an unknown order: when it was placed, in ns since 1970 UTC.
    std::optional<std::int64_t> sentAt{};
    /// In the answer to a cancel. True: the order had already ended.
    std::optional<bool> alreadyEnded{};
    /// Revision of the newest change. Absent if the order was never changed.
    std::optional<std::int64_t> revision{};
    /// State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on
    /// disk yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know
    /// whether TWS made the change; refused: TWS refused the change; notApplied: TWS has the order without the
    /// change; orderEnded: the order ended before TWS showed the change.
    std::optional<std::string> change{};
    /// Who abandoned the order, as text for people.
    std::string reason{};
    /// Client that abandoned the order.
    std::string by{};

    static AbandonedData read([[maybe_unused]] const Value& value) {
        AbandonedData data;
        detail::get(value, "orderId", data.orderId);
        detail::get(value, "orderKey", data.orderKey);
        detail::get(value, "state", data.state);
        detail::get(value, "permId", data.permId);
        detail::get(value, "status", data.status);
        detail::get(value, "filled", data.filled);
        detail::get(value, "fillsFinal", data.fillsFinal);
        detail::get(value, "sentAt", data.sentAt);
        detail::get(value, "alreadyEnded", data.alreadyEnded);
        detail::get(value, "revision", data.revision);
        detail::get(value, "change", data.change);
        detail::get(value, "reason", data.reason);
        detail::get(value, "by", data.by);
        return data;
    }
};

/// The marker of a snapshot. The bridge publishes it on `sync.<nonce>`, with the nonce of the `snapshot` request. A
/// client that receives it receives every event after the snapshot. It has no fields, because every client may hear
/// it.
struct SyncData {
    static constexpr std::string_view event = "sync";

    static SyncData read([[maybe_unused]] const Value& value) {
        SyncData data;
        return data;
    }
};

/// The data of the event if it is one of this kind: `if (auto tick = events::as<events::TickPriceData>(event))`. It
/// takes an event of a subscription and one of the order log. Throws ValueError, with the field, where the data is
/// wrong.
template <class Data, class AnyEvent> std::optional<Data> as(const AnyEvent& event) {
    return event.name == Data::event ? std::optional<Data>(Data::read(event.data)) : std::nullopt;
}

} // namespace tws_bridge::events
