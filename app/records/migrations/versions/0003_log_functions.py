"""PostgreSQL: the one way of adding to the log, for a role that may not write its tables.

SQLite has no roles, so there the file's owner is the only guard. In PostgreSQL the functions run as
whoever owns the tables, and `app.records.database_role` lets the application's role run them and do
nothing else to the log. They count, hash and link by themselves: what the caller claims is
compared, never believed, so that a stolen password can add an entry and cannot bend the tree.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The head is locked by a statement of its own, because the counters must be read by one that
# begins after the lock is held. NO KEY UPDATE, because a plain FOR UPDATE would also stop rows that
# refer to the head.
_LOCK = """
CREATE FUNCTION {s}.audit_lock_head(wanted varchar[])
RETURNS TABLE (n bigint, t varchar, frontier bytea, scope varchar, k bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT head.n, head.t, head.frontier INTO n, t, frontier
    FROM {s}.audit_head AS head WHERE head.id = 1 FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  FOR scope, k IN
    SELECT asked.scope, coalesce(counter.k, 0) FROM unnest(wanted) AS asked (scope)
      LEFT JOIN {s}.audit_counter AS counter ON counter.scope = asked.scope
  LOOP
    RETURN NEXT;
  END LOOP;
END $$
"""

_COUNT = """
CREATE FUNCTION {s}.audit_count(counted varchar) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  given bigint;
BEGIN
  INSERT INTO {s}.audit_counter AS counter (scope, k) VALUES (counted, 1)
    ON CONFLICT (scope) DO UPDATE SET k = counter.k + 1 RETURNING counter.k INTO given;
  RETURN given;
END $$
"""

# `edge` is the head's frontier, 32 bytes a subtree; a leaf at an odd place completes one.
_APPEND = r"""
CREATE FUNCTION {s}.audit_append(
  ids varchar[], entries bytea[], cases varchar[], staff varchar[],
  detail_n bigint[], detail_field varchar[], detail_key varchar[], detail_body bytea[],
  claimed bytea)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  place bigint; first bigint; latest varchar; edge bytea;
  said jsonb; digest bytea; level smallint; idx bigint;
BEGIN
  SELECT head.n, head.t, head.frontier INTO STRICT place, latest, edge
    FROM {s}.audit_head AS head WHERE head.id = 1 FOR NO KEY UPDATE;
  first := place;
  FOR i IN 1 .. cardinality(entries) LOOP
    said := convert_from(entries[i], 'UTF8')::jsonb;
    IF (said ->> 'n')::bigint IS DISTINCT FROM place OR said ->> 'id' IS DISTINCT FROM ids[i] THEN
      RAISE EXCEPTION 'the entry is not for this place in the log';
    END IF;
    IF said ->> 't' IS NULL OR (said ->> 't') COLLATE "C" < latest COLLATE "C" THEN
      RAISE EXCEPTION 'the entry is earlier than the one before it';
    END IF;
    IF {s}.audit_count('org:' || (said ->> 'org')) IS DISTINCT FROM (said ->> 'ko')::bigint THEN
      RAISE EXCEPTION 'the entry has another number in its organisation';
    END IF;
    IF cases[i] IS NOT NULL THEN
      PERFORM {s}.audit_count('case:' || cases[i]);
    END IF;
    latest := said ->> 't';
    digest := sha256('\x00'::bytea || entries[i]);
    INSERT INTO {s}.audit_leaf (n, id, leaf_hash, entry)
      VALUES (place, ids[i], digest, entries[i]);
    INSERT INTO {s}.audit_view (n, id, organisation_id, case_id, staff_id, op, res, at)
      VALUES (place, ids[i], said ->> 'org', cases[i], staff[i], said ->> 'op', said ->> 'res',
              latest::timestamptz);
    level := 0;
    idx := place;
    WHILE idx & 1 = 1 LOOP
      digest := sha256('\x01'::bytea || substring(edge FROM length(edge) - 31) || digest);
      edge := substring(edge FOR length(edge) - 32);
      level := level + 1;
      idx := idx >> 1;
      INSERT INTO {s}.audit_node (level, idx, hash) VALUES (level, idx, digest);
    END LOOP;
    edge := edge || digest;
    place := place + 1;
  END LOOP;
  IF edge IS DISTINCT FROM claimed THEN
    RAISE EXCEPTION 'the tree grew otherwise than was claimed';
  END IF;
  IF EXISTS (SELECT FROM unnest(detail_n) AS d (n) WHERE d.n < first OR d.n >= place) THEN
    RAISE EXCEPTION 'a detail belongs to no entry that is added with it';
  END IF;
  INSERT INTO {s}.audit_detail (n, field, key_id, body)
    SELECT * FROM unnest(detail_n, detail_field, detail_key, detail_body);
  UPDATE {s}.audit_head SET n = place, t = latest, frontier = edge WHERE id = 1;
END $$
"""

_KEEP_CHECKPOINT = """
CREATE FUNCTION {s}.audit_keep_checkpoint(size bigint, root bytea, note bytea, at varchar)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO {s}.audit_checkpoint (n, root, note, at) VALUES (size, root, note, at)
  ON CONFLICT DO NOTHING
$$
"""

_SIGNATURES = (
    "audit_lock_head(varchar[])",
    "audit_count(varchar)",
    "audit_append(varchar[], bytea[], varchar[], varchar[], bigint[], varchar[], varchar[], "
    "bytea[], bytea)",
    "audit_keep_checkpoint(bigint, bytea, bytea, varchar)",
)


def upgrade() -> None:
    """Made in the schema that the tables are in, and named with it everywhere inside."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    said = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for function in (_LOCK, _COUNT, _APPEND, _KEEP_CHECKPOINT):
        connection.exec_driver_sql(function.format(s=said))
    for signature in _SIGNATURES:
        # Everybody may run a new function until that is taken away.
        connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {said}.{signature} FROM PUBLIC")
