#include "faults/kinds.h"
#include "faults/message_lost.h"

namespace firedrill::faults {

const Kind kRequestLost = {
    "request-lost", "a connection is reset and the request on it lost: it was not executed",
    "messages",     true,
    Aim::requests,  begin_message_lost,
};

}  // namespace firedrill::faults
