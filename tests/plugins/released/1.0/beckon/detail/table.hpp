// From a class to its table: what the class implements is found out here, a wrong signature is told at compile time,
// and every entry catches everything. Included by sink.hpp, nowhere else.
#pragma once

namespace beckon {
// Hidden: a table's static must never be shared between two libraries whose classes have one name (STB_GNU_UNIQUE).
namespace detail __attribute__((visibility("hidden"))) {

// ---- what a class has -----------------------------------------------------------------------------------------------

template <class, template <class> class Expression, class Sink>
struct Detected : std::false_type {};
template <template <class> class Expression, class Sink>
struct Detected<std::void_t<Expression<Sink>>, Expression, Sink> : std::true_type {};
template <template <class> class Expression, class Sink>
inline constexpr bool has = Detected<void, Expression, Sink>::value;

template <class S> using NamesRender = decltype(&S::render);
template <class S> using NamesInterpret = decltype(&S::interpret);
template <class S> using NamesDeliver = decltype(&S::deliver);
template <class S> using NamesCheck = decltype(&S::check);
template <class S> using NamesAbout = decltype(S::about);
template <class S> using NamesProbe = decltype(S::handles_probe);
template <class S> using NamesBatch = decltype(S::max_batch);
template <class S> using NamesConcurrency = decltype(S::max_concurrency);
template <class S> using NamesStale = decltype(S::stale_after_ms);

template <class S>
using CallsRender = std::enable_if_t<
    std::is_convertible_v<decltype(std::declval<const S&>().render(std::declval<const Delivery&>())), Rendered>>;
template <class S>
using CallsInterpret = std::enable_if_t<std::is_convertible_v<
    decltype(std::declval<const S&>().interpret(std::declval<const Delivery&>(), std::declval<const Response&>())),
    Outcome>>;
template <class S>
using CallsDeliver = std::enable_if_t<
    std::is_convertible_v<decltype(std::declval<S&>().deliver(std::declval<const Delivery&>())), Outcome>>;
template <class S>
using CallsCheckOnce = decltype(S::check(std::declval<const Values&>(), std::declval<const Values&>()));
template <class S>
using CallsCheckOften =
    decltype(S::check(std::declval<const Values&>(), std::declval<const Values&>(), std::declval<const Complain&>()));

template <class Sink>
struct Traits {
  static constexpr bool renders = has<CallsRender, Sink>;
  static constexpr bool interprets = has<CallsInterpret, Sink>;
  static constexpr bool delivers = has<CallsDeliver, Sink>;
  static constexpr bool checks_once = has<CallsCheckOnce, Sink>;
  static constexpr bool checks_often = has<CallsCheckOften, Sink>;

  static_assert(std::is_constructible_v<Sink, const Settings&>,
                "a sink is made from its settings; "
                "expected signature: explicit Sink(const beckon::Settings& settings)");
  static_assert(std::is_nothrow_destructible_v<Sink>, "a sink's destructor must not throw");
  static_assert(renders || !has<NamesRender, Sink>,
                "expected signature: beckon::Rendered render(const beckon::Delivery& delivery) const");
  static_assert(interprets || !has<NamesInterpret, Sink>,
                "expected signature: beckon::Outcome interpret(const beckon::Delivery& delivery, "
                "const beckon::Response& response) const");
  static_assert(delivers || !has<NamesDeliver, Sink>,
                "expected signature: beckon::Outcome deliver(const beckon::Delivery& delivery)");
  static_assert(checks_once || checks_often || !has<NamesCheck, Sink>,
                "expected signature: static void check(const beckon::Values& settings, const beckon::Values& target), "
                "with or without a third parameter const beckon::Complain& complain");
  static_assert(renders == interprets,
                "half a webhook sink: it needs both, `Rendered render(const Delivery&) const` and "
                "`Outcome interpret(const Delivery&, const Response&) const`");
  static_assert(renders || interprets || delivers,
                "no sink: it needs render and interpret (a webhook sink) or deliver (a worker sink)");
  static_assert(!(renders && delivers), "two kinds of sink in one class: it has render and interpret, and deliver");
};

// ---- the entries ----------------------------------------------------------------------------------------------------

// An outcome that cannot fail to be made.
inline void emit_threw(const beckon_emitter* emitter, std::string_view what) noexcept {
  beckon_outcome c{};
  c.size = sizeof c;
  c.kind = BECKON_RETRY;
  c.certainty = BECKON_EXACT;
  c.scope = BECKON_SCOPE_DELIVERY;
  c.retry_after = c.not_before = c.ask_again_after = -1;
  c.code = str("plugin_threw");
  c.reason = str(what);
  emitter->outcome(emitter->context, &c);
}

inline void emit(const beckon_emitter* emitter, const Outcome& outcome) {
  const beckon_outcome c = borrowed(outcome);
  emitter->outcome(emitter->context, &c);
}

inline void emit(const beckon_emitter* emitter, const Rendered& rendered) {
  if (const Outcome* outcome = std::get_if<Outcome>(&rendered)) return emit(emitter, *outcome);
  const BorrowedRequest request(std::get<Request>(rendered));
  emitter->request(emitter->context, request.get());
}

// Whatever can throw comes before the emit, and an emit never throws: so exactly one is made.
template <class Call>
void emit_result(const beckon_emitter* emitter, const beckon_delivery* delivery, Call call) noexcept {
  try {
    if (delivery->purpose < BECKON_PURPOSE_MENTION || delivery->purpose > BECKON_PURPOSE_PROBE) {
      return emit(emitter, Outcome::rejected("unknown_purpose", "this sink is older than what it was asked to do"));
    }
    emit(emitter, call(delivery_of(*delivery)));
  } catch (const std::exception& e) {
    emit_threw(emitter, e.what());
  } catch (...) {
    emit_threw(emitter, "the sink threw something that is not a std::exception");
  }
}

template <class Call>
void complain_of(const beckon_complaints* complaints, Call call) noexcept {
  const Complain complain(complaints);
  try {
    call(complain);
  } catch (const Complaint& e) {
    complain(e.option, e.what());
  } catch (const std::exception& e) {
    complain({}, e.what());
  } catch (...) {
    complain({}, "the sink threw something that is not a std::exception");
  }
}

template <class Sink>
struct Entries {
  static void* open(const beckon_values* settings, const beckon_host* host,
                    const beckon_complaints* complaints) noexcept {
    Sink* sink = nullptr;
    const Settings given(settings, host);
    complain_of(complaints, [&](const Complain&) { sink = new Sink(given); });
    return sink;
  }

  static void close(void* sink) noexcept { delete static_cast<Sink*>(sink); }

  static void check(const beckon_values* settings, const beckon_values* target,
                    const beckon_complaints* complaints) noexcept {
    complain_of(complaints, [&](const Complain& complain) {
      const Values of_sink(settings);
      const Values of_target(target);
      if constexpr (Traits<Sink>::checks_often) {
        Sink::check(of_sink, of_target, complain);
      } else {
        static_cast<void>(complain);
        Sink::check(of_sink, of_target);
      }
    });
  }

  static void render(void* sink, const beckon_delivery* delivery, const beckon_emitter* emitter) noexcept {
    emit_result(emitter, delivery,
                [&](const Delivery& d) -> Rendered { return static_cast<const Sink*>(sink)->render(d); });
  }

  static void interpret(void* sink, const beckon_delivery* delivery, const beckon_response* response,
                        const beckon_emitter* emitter) noexcept {
    emit_result(emitter, delivery, [&](const Delivery& d) -> Outcome {
      return static_cast<const Sink*>(sink)->interpret(d, response_of(*response));
    });
  }

  static void deliver(void* sink, const beckon_delivery* delivery, const beckon_emitter* emitter) noexcept {
    emit_result(emitter, delivery, [&](const Delivery& d) -> Outcome { return static_cast<Sink*>(sink)->deliver(d); });
  }
};

// ---- the table ------------------------------------------------------------------------------------------------------

// An option row with the choices it points to. Rows never move: they point into themselves.
struct OptionRow {
  explicit OptionRow(const Option& option) {
    texts.reserve(option.choices.size());
    for (const char* choice : option.choices) texts.push_back(str(choice));
    for (const beckon_str& text : texts) choices.push_back(&text);
    row.size = sizeof row;
    row.name = text_of(option.name);
    row.type = static_cast<std::uint32_t>(option.type);
    row.flags = option.flags;
    row.default_value = text_of(option.default_value);
    row.doc = text_of(option.doc);
    row.choices = choices.data();
    row.choice_count = choices.size();
  }
  OptionRow(const OptionRow&) = delete;
  OptionRow& operator=(const OptionRow&) = delete;

  static beckon_str text_of(const char* text) { return str(text ? std::string_view(text) : std::string_view()); }

  std::vector<beckon_str> texts;
  std::vector<const beckon_str*> choices;
  beckon_option row{};
};

template <class Sink>
struct Table {
  template <class Options>
  Table(std::string_view sink_name, std::string_view sink_version, const Options& options)
      : name(sink_name), version(sink_version) {
    for (const Option& option : options) rows.emplace_back(option);
    for (const OptionRow& row : rows) pointers.push_back(&row.row);
    c.size = sizeof c;
    c.major = BECKON_ABI_MAJOR;
    c.minor = BECKON_ABI_MINOR;
    c.name = str(name);
    c.version = str(version);
    c.options = pointers.data();
    c.option_count = pointers.size();
    c.stale_after = -1;
    if constexpr (has<NamesAbout, Sink>) c.about = str(Sink::about);
    if constexpr (has<NamesProbe, Sink>) c.handles_probe = static_cast<std::uint32_t>(Sink::handles_probe);
    if constexpr (has<NamesBatch, Sink>) c.max_batch = static_cast<std::uint32_t>(Sink::max_batch);
    if constexpr (has<NamesConcurrency, Sink>) c.max_concurrency = static_cast<std::uint32_t>(Sink::max_concurrency);
    if constexpr (has<NamesStale, Sink>) c.stale_after = Sink::stale_after_ms;
    c.open = &Entries<Sink>::open;
    c.close = &Entries<Sink>::close;
    if constexpr (Traits<Sink>::checks_once || Traits<Sink>::checks_often) c.check = &Entries<Sink>::check;
    if constexpr (Traits<Sink>::renders && Traits<Sink>::interprets) {
      c.render = &Entries<Sink>::render;
      c.interpret = &Entries<Sink>::interpret;
    }
    if constexpr (Traits<Sink>::delivers) c.deliver = &Entries<Sink>::deliver;
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  std::string name, version;
  std::list<OptionRow> rows;
  std::vector<const beckon_option*> pointers;
  beckon_sink_table c{};
};

// Made on the first call and never freed: the host may look at it while statics are being destroyed.
template <class Sink, class Options>
const beckon_sink_table* the_table(std::string_view name, std::string_view version, const Options& options) {
  static const Table<Sink>* const table = new Table<Sink>(name, version, options);
  return &table->c;
}

template <class Sink, class Options>
const beckon_sink_table* table_or_null(std::string_view name, std::string_view version,
                                       const Options& options) noexcept {
  try {
    return the_table<Sink>(name, version, options);
  } catch (...) {
    return nullptr;
  }
}

}  // namespace detail

template <class Sink, class Options>
const beckon_sink_table* table_of(std::string_view name, std::string_view version, const Options& options) {
  return detail::the_table<Sink>(name, version, options);
}

}  // namespace beckon
