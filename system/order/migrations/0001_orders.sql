-- What the order service keeps. Every change of an order is one transaction with its row in the
-- outbox, which has what happened and is published from there (order/outbox_relay.h).
CREATE SCHEMA orders;

CREATE TABLE orders.orders (
  id              text PRIMARY KEY,
  user_id         text NOT NULL,
  idempotency_key text,
  product         text NOT NULL,
  quantity        bigint NOT NULL,
  status          text NOT NULL CHECK (status IN ('PENDING', 'QUEUED', 'CONFIRMED', 'REJECTED')),
  reason          text NOT NULL DEFAULT '',
  version         bigint NOT NULL CHECK (version > 0),
  asked           bigint NOT NULL DEFAULT 0,  -- how often somebody asked again how it stands
  created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orders.outbox (
  seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  aggregate   text NOT NULL,
  version     bigint NOT NULL,
  status      text NOT NULL,
  payload     text NOT NULL,
  state       text NOT NULL DEFAULT 'PENDING'
              CHECK (state IN ('PENDING', 'CLAIMED', 'PUBLISHED', 'DEAD')),
  attempts    integer NOT NULL DEFAULT 0,
  retry_at    timestamptz,  -- PENDING: not before; nothing: at once
  owner       text,         -- CLAIMED: by whom ...
  lease_until timestamptz,  -- ... and until when nobody else may have it
  UNIQUE (aggregate, version)
);
CREATE INDEX outbox_by_state ON orders.outbox (state, seq);

-- What a consumer has done, in the transaction in which it did it.
CREATE TABLE orders.inbox (
  consumer text NOT NULL,
  message  text NOT NULL,
  PRIMARY KEY (consumer, message)
);
