-- The limit of placing: what an order cannot do without, written by one stored function.
CREATE TABLE stock (sku bigint PRIMARY KEY, on_hand bigint NOT NULL CHECK (on_hand >= 0))
    WITH (fillfactor = 50);
CREATE TABLE orders (
    id uuid PRIMARY KEY, owner text NOT NULL, key text NOT NULL, status text NOT NULL,
    currency text NOT NULL, total bigint NOT NULL, address text NOT NULL,
    placed_at timestamptz NOT NULL, UNIQUE (owner, key)
);
CREATE TABLE lines (
    order_id uuid NOT NULL, position bigint NOT NULL, sku bigint NOT NULL,
    quantity bigint NOT NULL, unit_price bigint NOT NULL, total bigint NOT NULL,
    PRIMARY KEY (order_id, position)
);
CREATE TABLE attempts (
    id uuid PRIMARY KEY, order_id uuid NOT NULL, amount bigint NOT NULL,
    currency text NOT NULL, status text NOT NULL
);
CREATE TABLE outbox (id bigserial PRIMARY KEY, name text NOT NULL, data text NOT NULL);
INSERT INTO stock SELECT sku, 1000000000 FROM generate_series(1, 1000) AS sku;

CREATE FUNCTION place(a bigint, b bigint, price bigint) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made uuid := gen_random_uuid();
BEGIN
    -- Rows are locked in one order, whoever wants them.
    IF a > b THEN
        SELECT b, a INTO a, b;
    END IF;
    UPDATE stock SET on_hand = on_hand - 1 WHERE sku = a AND on_hand >= 1;
    IF NOT FOUND THEN RAISE 'out of stock: %', a; END IF;
    UPDATE stock SET on_hand = on_hand - 2 WHERE sku = b AND on_hand >= 2;
    IF NOT FOUND THEN RAISE 'out of stock: %', b; END IF;
    INSERT INTO orders VALUES (
        made, gen_random_uuid(), 'bench-0001', 'placed', 'CNY', price * 3,
        '{"name":"李雷","phone":"13800138000","region":"浙江省","city":"杭州市",' ||
        '"district":"西湖区","street":"文三路 1 号"}', now()
    );
    INSERT INTO lines VALUES (made, 1, a, 1, price, price), (made, 2, b, 2, price, price * 2);
    INSERT INTO attempts VALUES (gen_random_uuid(), made, price * 3, 'CNY', 'new');
    INSERT INTO outbox (name, data) VALUES (
        'order.placed', '{"order":"' || made || '","total":' || price * 3 || ',"lines":2}'
    );
    RETURN made;
END $$;
