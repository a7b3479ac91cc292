// Deliveries as mails.
#include "sinks/email/header.hpp"
#include "sinks/email/html.hpp"
#include "sinks/email/message.hpp"
#include "sinks/hostile.hpp"
#include "sinks/mail.hpp"
#include "sinks/rig.hpp"

#include <gmock/gmock.h>

namespace {

using namespace beckon;
using namespace beckon::email;
using namespace beckon::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string subject_of(const SampleDelivery& sample) { return subject(CDelivery(sample).view()); }

Message mail(const SampleDelivery& sample) {
  const CDelivery delivery(sample);
  return message(delivery.view(), mailbox("beckon@example.com"), mailbox("octo@example.org"), "beckon@example.com");
}

std::string header(const Message& mail, const std::string& name) {
  for (const std::string& field : mail.headers) {
    if (field.rfind(name + ": ", 0) == 0) return field.substr(name.size() + 2);
  }
  return "none";
}

std::string html(const std::vector<SampleSpan>& spans, std::size_t limit = 1'000) {
  SampleDelivery sample;
  sample.mentions[0].spans = spans;
  const CDelivery delivery(sample);
  return html_excerpt(delivery.view().mentions[0], limit);
}

TEST(EmailSubject, SaysWhoMentionedWhomAndWhere) {
  SampleDelivery sample;
  EXPECT_EQ(subject_of(sample), "[octo-org/hello] alice mentioned you in #12: Closing the socket hangs");
  sample.mentions[0].name = "octo-org/crew";
  sample.mentions[0].is_team = true;
  EXPECT_EQ(subject_of(sample), "[octo-org/hello] alice mentioned @octo-org/crew in #12: Closing the socket hangs");
  sample.mentions[0].title = "";
  sample.mentions[0].author = "";
  EXPECT_EQ(subject_of(sample), "[octo-org/hello] ghost mentioned @octo-org/crew in #12");
}

TEST(EmailSubject, CountsTheMentionsOfADigest) {
  SampleDelivery sample;
  sample.mentions.resize(3, sample.mentions[0]);
  EXPECT_EQ(subject_of(sample), "[octo-org/hello] 3 mentions of @octocat");
  sample.mentions[1].repository = "octo-org/other";
  EXPECT_EQ(subject_of(sample), "[Beckon] 3 mentions of @octocat");
}

TEST(EmailSubject, OfANoticeIsItsFirstLine) {
  SampleDelivery sample;
  sample.purpose = Purpose::notice;
  sample.mentions.clear();
  sample.notice = "octo-org/hello cannot be read any more\nSee `beckon status`";
  EXPECT_EQ(subject_of(sample), "[Beckon] octo-org/hello cannot be read any more");
  sample.purpose = Purpose::test;
  sample.notice = "";
  EXPECT_EQ(subject_of(sample), "[Beckon] This is a test of Beckon.");
}

TEST(EmailSubject, NeverHasAnotherLineOrDirection) {
  SampleDelivery sample;
  sample.mentions[0].title = "x\r\nBcc: evil@example.com\u202Egnp\u2028y";
  EXPECT_EQ(subject_of(sample), "[octo-org/hello] alice mentioned you in #12: x Bcc: evil@example.comgnp y");
}

TEST(EmailHeader, LinesFoldAtWordsAndOtherLettersAreEncoded) {
  const std::string long_title = repeated("word ", 40);
  const std::string field = text_field("Subject", long_title);
  EXPECT_THAT(header_complaints(field.substr(0, field.find('\r'))), ElementsAre());
  std::string unfolded = field;
  for (std::size_t at; (at = unfolded.find("\r\n")) != std::string::npos;) unfolded.erase(at, 2);
  EXPECT_EQ(unfolded, "Subject: " + long_title.substr(0, long_title.size() - 1));
  EXPECT_EQ(text_field("Subject", "für"), "Subject: =?UTF-8?B?ZsO8cg==?=");
  EXPECT_EQ(text_field("Subject", "=?UTF-8?B?ZsO8cg==?="), "Subject: =?UTF-8?B?PT9VVEYtOD9CP1pzTzhjZz09Pz0=?=");
  EXPECT_EQ(text_field("Subject", ""), "Subject: ");
  for (const std::string& text : {repeated("ü", 500), repeated("x", 5'000), repeated("😀", 300), repeated("a ü", 300)}) {
    const std::string folded = text_field("Subject", text);
    for (std::size_t begin = 0, end; begin < folded.size(); begin = end + 2) {
      end = std::min(folded.find("\r\n", begin), folded.size());
      EXPECT_LE(end - begin, 76u);
      EXPECT_TRUE(begin == 0 || folded[begin] == ' ');
    }
  }
}

TEST(EmailHeader, NamesAreQuotedOrEncoded) {
  EXPECT_EQ(mailbox_field("To", mailbox("octo@example.com")), "To: octo@example.com");
  EXPECT_EQ(mailbox_field("To", mailbox("Octo \"the\\\" Cat <octo@example.com>")),
            "To: \"Octo \\\"the\\\\\\\" Cat\" <octo@example.com>");
  EXPECT_EQ(mailbox_field("To", mailbox("Jürgen <j@example.com>")), "To: =?UTF-8?B?SsO8cmdlbg==?= <j@example.com>");
}

TEST(EmailHeader, ALongNameLeavesTheAddressALineOfItsOwn) {
  const std::string name = repeated("word ", 12);
  EXPECT_EQ(mailbox_field("To", mailbox(name + "<octo@example.com>")),
            "To: \"" + name.substr(0, name.size() - 1) + "\"\r\n <octo@example.com>");
}

TEST(EmailHeader, TheDateNeedsNoLocale) {
  EXPECT_EQ(date_field(noon_ms), "Date: Mon, 21 Sep 2026 14:13:20 +0000");
  EXPECT_EQ(date_field(0), "Date: Thu, 01 Jan 1970 00:00:00 +0000");
}

TEST(EmailHeader, PartsOfIdsAndListsHaveNothingThatEndsThem) {
  EXPECT_EQ(id_part("1/12"), "1=2F12");
  EXPECT_EQ(id_part("a>b@c d.e"), "a=3Eb=40c=20d=2Ee");
  EXPECT_EQ(id_part(""), "none");
  EXPECT_EQ(list_label("Hello_World.js"), "Hello-World-js");
  EXPECT_EQ(list_label("\r\n>"), "unnamed");
  EXPECT_EQ(mailto_field("X", "a+b&c@d.example", "un 1"), "X: <mailto:a%2Bb%26c@d.example?subject=un%201>");
}

TEST(EmailMessage, TheSenderIsWhomTheOperatorNames) {
  SampleDelivery sample;
  sample.mentions[0].author = "Your Bank <bank@example.net>";
  EXPECT_EQ(header(mail(sample), "From"), "\"Beckon\" <beckon@example.com>");
}

TEST(EmailMessage, EachAttemptHasOneId) {
  SampleDelivery later;
  later.now_ms += 3'600'000;
  EXPECT_EQ(header(mail({}), "Message-ID"), "<beckon.delivery-1@example.com>");
  EXPECT_EQ(header(mail(later), "Message-ID"), header(mail({}), "Message-ID"));
  EXPECT_EQ(delivery_of_message_id("beckon.delivery-1@EXAMPLE.com", "example.com"), "delivery-1");
}

TEST(EmailMessage, AThreadIsReferredToAndADigestOfOneThreadIsInIt) {
  const std::string root = "<beckon-thread.1=2F12.subscription-1@example.com>";
  SampleDelivery sample;
  sample.mentions.resize(2, sample.mentions[0]);
  EXPECT_EQ(header(mail({}), "References"), root);
  EXPECT_EQ(header(mail(sample), "In-Reply-To"), root);
  sample.mentions.clear();
  sample.purpose = Purpose::notice;
  sample.notice = "x";
  EXPECT_EQ(header(mail(sample), "References"), "none");
}

TEST(EmailMessage, TheTextReadsLikeAMail) {
  SampleDelivery sample;
  sample.mentions[0].is_private = true;
  sample.mentions[0].spans = {{SpanKind::quote, "", "", 1},      {SpanKind::text, "who?"},
                              {SpanKind::paragraph, ""},         {SpanKind::mention, "@octocat"},
                              {SpanKind::text, " see "},         {SpanKind::link, "the docs", "https://docs.example/a"},
                              {SpanKind::text, " and "},         {SpanKind::code, "x"},
                              {SpanKind::code_block, "a\n  b\n"}, {SpanKind::image, "a cat", "https://i.example/c.png"}};
  EXPECT_EQ(mail(sample).text,
            "alice mentioned @octocat in a comment on\r\nocto-org/hello#12 Closing the socket hangs\r\n"
            "https://github.example/octo-org/hello/issues/12#issuecomment-7\r\n2026-09-21 14:10 UTC · private repository\r\n\r\n"
            "> who?\r\n\r\n@octocat see the docs <https://docs.example/a> and `x`\r\n\r\n    a\r\n      b\r\n"
            "[image: a cat] <https://i.example/c.png>\r\n\r\n"
            "-- \r\nSent by Beckon, which tells you where @octocat is mentioned in octo-org/hello.\r\n");
}

TEST(EmailHtml, BlocksAreElements) {
  EXPECT_EQ(html({{SpanKind::heading, "", "", 2},
                  {SpanKind::text, "A & B"},
                  {SpanKind::paragraph, ""},
                  {SpanKind::strong, "b"},
                  {SpanKind::emphasis, "i"},
                  {SpanKind::strikethrough, "s"},
                  {SpanKind::line_break, ""},
                  {SpanKind::code, "<x>"}}),
            "<p><strong>A &amp; B</strong></p><p><strong>b</strong><em>i</em><s>s</s><br><code>&lt;x&gt;</code></p>");
  EXPECT_THAT(html({{SpanKind::code_block, "a\n<b>\n", "cpp"}}), HasSubstr("<code>a\n&lt;b&gt;</code></pre>"));
  EXPECT_EQ(html({{SpanKind::rule, ""}, {SpanKind::text, "x"}}), "<hr><p>x</p>");
}

TEST(EmailHtml, ListsNestAndKeepTheirNumbers) {
  EXPECT_EQ(html({{SpanKind::list_item, "3.", "", 1},
                  {SpanKind::text, "a"},
                  {SpanKind::list_item, "•", "", 2},
                  {SpanKind::text, "b"},
                  {SpanKind::list_item, "☑", "", 2},
                  {SpanKind::text, "c"},
                  {SpanKind::list_item, "4.", "", 1},
                  {SpanKind::text, "d"},
                  {SpanKind::list_item, "•", "", 1},
                  {SpanKind::text, "e"},
                  {SpanKind::paragraph, ""},
                  {SpanKind::text, "f"}}),
            "<ol><li value=\"3\">a<ul><li>b</li><li>☑ c</li></ul></li><li "
            "value=\"4\">d</li></ol><ul><li>e</li></ul><p>f</p>");
}

TEST(EmailHtml, QuotationsNest) {
  const std::string once = html({{SpanKind::quote, "", "", 2},
                                 {SpanKind::text, "a"},
                                 {SpanKind::quote, "", "", 1},
                                 {SpanKind::text, "b"},
                                 {SpanKind::paragraph, ""},
                                 {SpanKind::text, "c"}});
  EXPECT_THAT(html_complaints(once), ElementsAre());
  EXPECT_THAT(once, HasSubstr("<p>a</p></blockquote><p>b</p></blockquote><p>c</p>"));
}

TEST(EmailHtml, LinksLeadToTheWebAndSayWhereTo) {
  EXPECT_EQ(html({{SpanKind::link, "x", "https://a.example/\"><b"}}), "<p><a href=\"https://a.example/%22%3E%3Cb\">x</a></p>");
  EXPECT_EQ(html({{SpanKind::link, "x", "javascript:alert(1)"}}), "<p>x</p>");
  EXPECT_EQ(html({{SpanKind::link, "https://bank.example", "https://evil.example"}}),
            "<p><a href=\"https://evil.example\">https://evil.example</a></p>");
}

TEST(EmailHtml, AnImageIsNeverLoaded) {
  EXPECT_EQ(html({{SpanKind::image, "a cat", "https://i.example/c.png"}}),
            "<p><a href=\"https://i.example/c.png\">[image: a cat]</a></p>");
  EXPECT_EQ(html({{SpanKind::image, "", "https://i.example/c.png"}}), "<p><a href=\"https://i.example/c.png\">[image]</a></p>");
}

TEST(EmailHtml, ALongTextEndsWholeWhereverItIsCut) {
  for (std::size_t limit = 0; limit < 80; ++limit) {
    const std::string cut = html({{SpanKind::list_item, "1.", "", 1},
                                  {SpanKind::strong, "a && b"},
                                  {SpanKind::link, "some place", "https://x.example"},
                                  {SpanKind::quote, "", "", 3},
                                  {SpanKind::text, "e\u0301e\u0301 😀 <>"},
                                  {SpanKind::code_block, "let it\nbe"}},
                                 limit);
    EXPECT_THAT(html_complaints(cut), ElementsAre()) << limit << ": " << cut;
    EXPECT_EQ(cut.find("…") != std::string::npos, limit < 35) << limit << ": " << cut;
  }
}

TEST(EmailHtml, WithoutSpansTheMarkdownIsShownAsItIs) {
  EXPECT_EQ(html({}), "<p>I think @octocat knows why.</p>");
}

}  // namespace
