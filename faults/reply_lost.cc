#include "faults/kinds.h"
#include "faults/message_lost.h"

namespace firedrill::faults {

const Kind kReplyLost = {
    "reply-lost", "a connection is reset and the reply on it lost: the request was executed",
    "messages",   true,
    Aim::replies, begin_message_lost,
};

}  // namespace firedrill::faults
