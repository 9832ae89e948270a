-- What the model refuses by name. Where it once answers, what it answers is compared.
CREATE SCHEMA s;
SET search_path = s;
CREATE TABLE a (x int, y text);
CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TYPE mood ADD VALUE 'great';
ALTER TABLE a RENAME COLUMN y TO why;
ALTER TABLE a ALTER COLUMN x TYPE bigint;
ALTER TABLE a RENAME TO b;
CREATE TABLE made AS SELECT 1 AS a, 'x'::text AS b;
CREATE TABLE like_it (LIKE a INCLUDING DEFAULTS);
CREATE TEMP TABLE tmp (a int);
CREATE VIEW v AS SELECT 1 AS a;
SET client_min_messages = warning;
DROP SCHEMA s CASCADE;
