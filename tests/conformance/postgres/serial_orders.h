#pragma once

#include <optional>

#include "tests/conformance/postgres/interleaving.h"
#include "tests/conformance/postgres/model_run.h"

namespace firedrill::test {

/// Whether the serializable transactions that committed in that run of the model answered, and
/// left, what they do one after the other in some order. Nothing, where that is not to be asked:
/// not every session is one serializable transaction, made of what depends on rows alone.
std::optional<bool> fits_serial_order(const Interleaving& interleaving, const ModelRun& run);

}  // namespace firedrill::test
