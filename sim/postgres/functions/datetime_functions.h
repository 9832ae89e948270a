#pragma once

#include <vector>

#include "sim/postgres/functions/function.h"

/// What the rows of datetime_family() call; a namespace for each file.
namespace firedrill::sim::postgres {

/// "+" and "-", and casts. "moment" is a timestamp, with or without a time zone.
namespace datetime_operators {
Value date_plus_days(Call& call);
Value days_plus_date(Call& call);
Value date_minus_days(Call& call);
Value date_minus_date(Call& call);
Value date_plus_interval(Call& call);
Value interval_plus_date(Call& call);
Value date_minus_interval(Call& call);
Value date_plus_time(Call& call);
Value time_plus_date(Call& call);
Value timestamp_plus_interval(Call& call);
Value interval_plus_timestamp(Call& call);
Value timestamp_minus_interval(Call& call);
Value timestamptz_plus_interval(Call& call);
Value interval_plus_timestamptz(Call& call);
Value timestamptz_minus_interval(Call& call);
Value moment_minus_moment(Call& call);
Value time_plus_interval(Call& call);
Value interval_plus_time(Call& call);
Value time_minus_interval(Call& call);
Value time_minus_time(Call& call);
Value interval_plus_interval(Call& call);
Value interval_minus_interval(Call& call);
Value interval_times_real(Call& call);
Value real_times_interval(Call& call);
Value interval_by_real(Call& call);
Value minus_interval(Call& call);

Value date_to_timestamp(Call& call);
Value date_to_timestamptz(Call& call);
Value timestamp_to_date(Call& call);
Value timestamp_to_time(Call& call);
Value timestamp_to_timestamptz(Call& call);
Value timestamptz_to_date(Call& call);
Value timestamptz_to_time(Call& call);
Value timestamptz_to_timestamp(Call& call);
Value interval_to_time(Call& call);
Value time_to_interval(Call& call);
Value date_and_time_to_timestamptz(Call& call);
}  // namespace datetime_operators

/// The clock, and values from their parts.
namespace datetime_making {
Value transaction_time(Call& call);
Value statement_time(Call& call);
Value clock_time(Call& call);
Value current_timestamp(Call& call);  ///< with a precision
Value current_date(Call& call);
Value local_timestamp(Call& call);  ///< with or without a precision
Value local_time(Call& call);       ///< likewise
Value make_date(Call& call);
Value make_time(Call& call);
Value make_timestamp(Call& call);
Value make_timestamptz(Call& call);  ///< with or without a zone
Value make_interval(Call& call);     ///< of 0 to 7 arguments
Value to_timestamp(Call& call);      ///< of a float8
Value is_finite_date(Call& call);
Value is_finite_moment(Call& call);
Value is_finite_interval(Call& call);
Value timestamp_age(Call& call);    ///< of one or two
Value timestamptz_age(Call& call);  ///< likewise
Value justify_days(Call& call);
Value justify_hours(Call& call);
Value justify_interval(Call& call);
Value date_bin(Call& call);
Value timestamp_at_zone(Call& call);
Value timestamptz_at_zone(Call& call);
Value timestamp_at_interval(Call& call);
Value timestamptz_at_interval(Call& call);
std::vector<Value> timestamp_series(Call& call);
std::vector<Value> timestamptz_series(Call& call);
}  // namespace datetime_making

namespace datetime_parts {
Value extract_from_date(Call& call);
Value extract_from_time(Call& call);
Value extract_from_timestamp(Call& call);
Value extract_from_timestamptz(Call& call);
Value extract_from_interval(Call& call);
Value date_part_of_date(Call& call);
Value date_part_of_time(Call& call);
Value date_part_of_timestamp(Call& call);
Value date_part_of_timestamptz(Call& call);
Value date_part_of_interval(Call& call);
Value truncate_timestamp(Call& call);
Value truncate_timestamptz(Call& call);  ///< with or without a zone
Value truncate_interval(Call& call);
}  // namespace datetime_parts

namespace datetime_format {
Value timestamp_to_char(Call& call);
Value timestamptz_to_char(Call& call);
Value interval_to_char(Call& call);
}  // namespace datetime_format

}  // namespace firedrill::sim::postgres
