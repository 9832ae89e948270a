-- The truth about what was sold. Redis admits, by its counters, and may forget; this decides, and
-- Redis is made anew from it (inventory/ledger.h).
CREATE SCHEMA inventory;

CREATE TABLE inventory.stock (
  product text PRIMARY KEY,
  initial bigint NOT NULL,
  sold    bigint NOT NULL DEFAULT 0,
  epoch   bigint NOT NULL,  -- raised each time that Redis is made anew
  CHECK (0 <= sold AND sold <= initial)
);

-- One row for each reservation that was decided on: units is 0 where it was refused.
CREATE TABLE inventory.sales (
  reservation text PRIMARY KEY,
  product     text NOT NULL REFERENCES inventory.stock,
  user_id     text NOT NULL,
  units       bigint NOT NULL CHECK (units >= 0)
);
CREATE INDEX sales_by_user ON inventory.sales (product, user_id);
