#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "system/domain/flash_sale.h"
#include "system/inventory/inventory_api.h"
#include "system/order/order_records.h"
#include "system/ports/ports.h"
#include "system/ports/queue.h"

namespace firedrill::order {

/// Makes accepted orders real: confirms the reservation, then the order, then acknowledges. Each
/// step may be repeated; what does not succeed is left to be delivered again.
class FlashConsumer {
 public:
  /// `name` is unique among the consumers that live at one time.
  FlashConsumer(Ports ports, const FlashSale& sale, inventory::Inventory& inventory,
                std::string name)
      : ports_(ports),
        sale_(sale),
        inventory_(inventory),
        records_(ports.database),
        who_{std::string(kFlashOrdersTopic), std::string(kFlashOrdersGroup), std::move(name)} {}

  /// Consumes for ever.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<bool> handle(Delivery& delivery);
  Instant store_deadline() const;

  Ports ports_;
  const FlashSale& sale_;
  inventory::Inventory& inventory_;
  OrderRecords records_;
  Subscription who_;
};

}  // namespace firedrill::order
