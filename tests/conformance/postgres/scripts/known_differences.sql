-- Statements that the model answers otherwise than PostgreSQL does, each under the reason; the
-- others only prepare them. One that does not differ any more goes to its own script.
CREATE SCHEMA s;
SET search_path = s;
CREATE TABLE a (id int PRIMARY KEY, x int, v text, tags text[], numbers int[]);
CREATE TABLE b (id int, k int);
INSERT INTO a VALUES (1, 1, 'one', '{a,b}', '{1}'), (2, 2, 'two', '{b,c}', NULL);
INSERT INTO b VALUES (2, 1), (3, 2);
-- differs: an overloaded function for arrays
SELECT array_agg(tags) FROM a;
-- differs: an overloaded function for arrays
SELECT array_agg(numbers) FROM a;
-- differs: no JSON paths
SELECT jsonb_path_query('{"a": [1, 2, 3]}', '$.a[*]');
-- differs: no headlines
SELECT ts_headline('simple', 'the fat cat', 'cat');
-- differs: the function is absent
SELECT websearch_to_tsquery('simple', 'fat -rat');
-- differs: the function is absent
SELECT string_to_table('a,b', ',');
-- differs: unnest of one array alone
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) AS u(a, b);
-- differs: settings that the model has no use for are unknown
SELECT set_config('work_mem', '8MB', false), current_setting('work_mem');
-- differs: settings that the model has no use for are unknown
SET work_mem = 'lots';
-- differs: settings that the model has no use for are unknown
SET LOCAL work_mem = '1MB';
-- differs: libpg_query's lexer stops at the first letter
SELECT 123abc;
-- differs: libpg_query's lexer stops at the first letter
SELECT 0x1F;
-- differs: libpg_query's lexer stops at the first letter
SELECT 1_000;
-- differs: tables have no row types
SELECT (a).nothing FROM a;
-- differs: tables have no row types
SELECT a FROM a WHERE id = 1;
-- differs: accepted
SELECT * FROM a JOIN b USING (id, id);
-- differs: the detail is missing
WITH y AS (SELECT * FROM z), z AS (SELECT 1) SELECT * FROM y;
-- differs: it is not seen to be recursive
WITH RECURSIVE t AS (SELECT n + 1 FROM t) SELECT * FROM t;
-- differs: a column of a subquery is computed for each of its rows, not where it is read
DELETE FROM a USING (SELECT v::int AS n, -id AS id FROM a) q WHERE q.id = a.id RETURNING q.n;
-- differs: PostgreSQL takes min() for the first row of a query with LIMIT 1, which gets the WITH TIES
SELECT min('a') FROM a ORDER BY 1 FETCH FIRST 3 ROWS WITH TIES;
SET client_min_messages = warning;
DROP SCHEMA s CASCADE;
