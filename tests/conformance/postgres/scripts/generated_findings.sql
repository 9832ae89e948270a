-- What generated statements found, a line or two for each sort of difference that there was.
CREATE SCHEMA s;
SET search_path = s;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE a (id int PRIMARY KEY, x int, v text, how mood, tags text[], numbers int[]);
INSERT INTO a VALUES (1, 1, 'one', 'ok', '{a,b}', '{1}'), (2, 2, 'two', 'sad', '{b,c}', NULL);
CREATE TABLE ser (id serial, v text);
CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY, v text);
-- An unknown literal beside an array, or alone.
SELECT ARRAY[1] || NULL, NULL || ARRAY[1], ARRAY[1] || '{2}';
SELECT pg_typeof('a'), pg_typeof(NULL);
SELECT enum_first(NULL);
SELECT unnest('{a}') FROM unnest('{x,y}') u;
SELECT trunc('1.5');
SELECT first_value('a') OVER () FROM a;
SELECT lead(v, 1, 'none') OVER (ORDER BY id), lag('3 days', 1, '1 day'::interval) OVER () FROM a;
SELECT GREATEST(ARRAY[1], ARRAY[2::smallint]) = '{2}';
-- Functions.
SELECT enum_range(NULL::mood), enum_first(NULL::mood), enum_last('sad'::mood);
SELECT enum_range('ok'::mood, NULL), enum_range(NULL, 'ok'::mood);
SELECT to_char(1234.5, 'FM9,999.00'), to_char(5, '000'), to_char(-0.5, '9.9'), to_char(0.1, 'FM9.9');
SELECT to_char(-12, 'S99'), to_char(12, '99S'), to_char(-12, '99PR'), to_char(12, 'MI99'), to_char(485, 'L999');
SELECT to_char(1234567, '9,999'), to_char(12, 'RN'), to_char(12, 'FMrn'), to_char(22, '99th'), to_char(9.999, '9.9EEEE');
SELECT to_char(3.14159::float8, '9.9999'), to_char(12.45, '99V9'), to_char(12, '9.9PR9');
SELECT to_number('1,234.5', '9,999.9'), to_number('12,454.8-', '99G999D9S'), to_number('<12>', '99PR');
SELECT to_date('2020-05-06', 'YYYY-MM-DD'), to_date('05 Mar 2021', 'DD Mon YYYY'), to_date('2020 060', 'YYYY DDD');
SELECT to_timestamp('2020-05-06 01:02', 'YYYY-MM-DD HH24:MI'), to_timestamp('3:04:05 PM', 'HH12:MI:SS AM');
SELECT to_date('2020-13-01', 'YYYY-MM-DD');
SELECT to_date('x', 'YYYY');
SELECT to_timestamp('13:00 PM', 'HH12:MI AM');
SELECT (date '2020-01-01', date '2020-02-01') OVERLAPS (date '2020-01-15', interval '1 day');
SELECT (timestamp '2020-01-01', NULL) OVERLAPS (timestamp '2020-01-01', timestamp '2020-01-02');
-- Rows beside subqueries.
SELECT v FROM a WHERE (id, v) = (SELECT 1, 'one');
SELECT (1, 2) = (SELECT 1, 2), (1, 2) <> (SELECT 1, 3), (1, NULL) = (SELECT 1, 2);
SELECT (1, 2) = (SELECT id, x FROM a);
SELECT (1, 2) = (SELECT 1);
UPDATE a SET (x, v) = (SELECT 5, 'five') WHERE id = 2 RETURNING *;
UPDATE a SET (x, v) = (SELECT 5) WHERE id = 2;
-- What an INSERT and an UPDATE find first.
INSERT INTO a (id, x) VALUES ('a'::text, 1, 2);
INSERT INTO a (id, x, v) VALUES (1, 2);
INSERT INTO a (id, x) VALUES (5, 1), (6);
INSERT INTO i OVERRIDING USER VALUE VALUES (99, 'd') RETURNING id;
INSERT INTO i (id, v) VALUES (99, nothing);
INSERT INTO i (id, v) VALUES (99, 'd');
UPDATE i SET id = 1, id = 2;
UPDATE a SET nothing = 1, x = missing;
INSERT INTO a (id, v) VALUES (1, 'again') ON CONFLICT (v) DO NOTHING RETURNING missing;
INSERT INTO ser (v) VALUES (('a' || 1)::int::text);
INSERT INTO ser (v) VALUES ('x') RETURNING id;
-- What never changes is computed before there is a row.
SELECT 1 / 0 FROM a WHERE false;
SELECT CASE WHEN id > 100 THEN 1 / 0 END FROM a;
SELECT CASE WHEN false THEN 1 / 0 END FROM a;
SELECT coalesce(1, 1 / 0), nullif(NULL, 1 / 0) FROM a;
SELECT x FROM a WHERE false AND 1 / 0 = 1;
SELECT x + 2147483647 FROM a ORDER BY x LIMIT 0;
-- What may not change.
CREATE TABLE g (a timestamptz, b text GENERATED ALWAYS AS (a::text) STORED);
CREATE TABLE g (a int, b text GENERATED ALWAYS AS (concat(a)) STORED);
CREATE TABLE g (a int, b bytea GENERATED ALWAYS AS (a || 'x') STORED);
CREATE INDEX ON a (to_char(x, '999'));
CREATE INDEX ON a (x) WHERE now() > '2020-01-01';
-- Dependents.
CREATE TABLE bad_type (a text REFERENCES a (id));
CREATE TABLE two (a int REFERENCES a, b int GENERATED ALWAYS AS (a + 1) STORED, c int CHECK (c > a));
CREATE TABLE three (a int REFERENCES a);
DROP TABLE a;
ALTER TABLE a DROP COLUMN id;
ALTER TABLE a DROP CONSTRAINT a_pkey;
ALTER TABLE two DROP COLUMN a;
ALTER TABLE two DROP COLUMN a CASCADE;
SELECT * FROM two;
DROP TYPE mood;
DROP SEQUENCE ser_id_seq;
DROP SEQUENCE i_id_seq;
ALTER TABLE i ALTER id DROP DEFAULT;
ALTER TABLE a ALTER id DROP NOT NULL;
ALTER TABLE a ADD n int GENERATED ALWAYS AS IDENTITY;
ALTER TABLE a ADD g int GENERATED ALWAYS AS (x * 2) STORED;
SELECT id, n, g FROM a;
ALTER TABLE a ADD c int CHECK (c IS NOT NULL);
CREATE TABLE f (a int, b int GENERATED ALWAYS AS (a) STORED REFERENCES a ON DELETE SET NULL);
TRUNCATE a;
TRUNCATE a CASCADE;
BEGIN;
TRUNCATE ser RESTART IDENTITY;
ROLLBACK;
INSERT INTO ser (v) VALUES ('y') RETURNING id;
-- Plans that change; statements that take nothing.
PREPARE p AS SELECT * FROM a;
ALTER TABLE a ADD more int;
EXECUTE p;
EXECUTE p;
PREPARE q AS SELECT 1 AS one;
EXECUTE q(5);
PREPARE r AS SELECT concat('a', $1);
-- Names.
SELECT nowhere.nothing(1);
SELECT (SELECT x IS NULL FROM a)::text, upper('a')::varchar(12)::varchar(3), (CASE WHEN true THEN 1 END)::text;
SELECT string_agg(DISTINCT v, ',' ORDER BY x) FROM a;
SELECT string_agg(DISTINCT 'a', ',' ORDER BY 'a') FROM a;
SELECT setval('ser_id_seq', 5);
SELECT nextval('nothing');
SELECT ARRAY[1] = ANY('{1}');
SELECT ARRAY[1] = ANY(NULL);
SELECT (4, 1) IN ((3, 1 / 0), (4, 1));
SELECT (NULL, 2) = (1, 3);
-- FILTER is looked at before what the function's arguments are.
SELECT jsonb_agg(DISTINCT 'x' ORDER BY 'x') FILTER (WHERE 'null'::jsonb::interval);
SELECT jsonb_agg('x') FILTER (WHERE missing);
SELECT jsonb_agg('x') FILTER (WHERE true);
-- What is never true of a subquery in FROM, or of another condition, spares the rest.
CREATE TABLE never (id int);
SELECT 1 FROM (SELECT 1 FROM never WHERE 'a' = 'b') q WHERE (NULL, 1) = (SELECT max(1)::text::uuid, 1 FROM never);
SELECT 1 FROM never JOIN never o ON (1, 1) = (SELECT max(1)::text::uuid IS NULL, 1 FROM never) JOIN never p ON false AND 'true'::boolean;
SELECT 1 FROM never JOIN never o ON ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'::uuid, 1) = (SELECT max(1)::text::uuid, 1 FROM (VALUES (1)) v) JOIN never p ON false AND 'true'::boolean;
SELECT 1 FROM never LEFT JOIN (SELECT 1 AS x WHERE false) q ON true WHERE ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'::uuid, 1) = (SELECT max(1)::text::uuid, 1 FROM (VALUES (1)) v);
-- What cannot be an integer is another function's argument.
SELECT lead('2024-01-01'::date, '2024-01-01'::date) OVER ();
SELECT lag('x', '2024-01-01'::date) OVER ();
SELECT lag('x', 'y') OVER ();
SELECT ntile('2024-01-01'::date) OVER ();
SELECT nth_value(1, '2024-01-01'::date) OVER ();
SELECT lead(1, 2.5) OVER ();
-- A column that is there, of a table without rows.
ALTER TABLE never ADD COLUMN id int;
CREATE TABLE twice (id int, id int);
DROP SCHEMA s CASCADE;
