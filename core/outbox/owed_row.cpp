#include "outbox/owed_row.hpp"

#include "outbox/content.hpp"

namespace beckon::core {

OwedMention read_owed(const Query& row) {
  OwedMention owed;
  DeliveredMention& mention = owed.mention;
  owed.seq = row.integer(0);
  mention.name = row.text(1);
  mention.is_team = mention.name.find('/') != std::string::npos;
  mention.appeared = from_unix_s(row.integer(2));
  mention.edited = row.integer(3) != 0;
  mention.post.kind = static_cast<PostKind>(row.integer(4));
  mention.post.id = row.integer(5);
  mention.post.thread_number = row.integer(6);
  mention.post.created = from_unix_s(row.integer(7));
  mention.post.updated = from_unix_s(row.integer(8));
  unpack_content(row.bytes(9), mention);
  if (row.null(10)) mention.truncated = true;  // retention took the body
  mention.post.body = row.text(10);
  mention.thread = {mention.post.thread_number, row.integer(12) != 0, row.text(11), row.text(13),
                    from_unix_s(row.integer(14))};
  mention.repository = {row.text(15), row.integer(16), row.text(17), row.text(18), row.integer(19) != 0};
  return owed;
}

}  // namespace beckon::core
