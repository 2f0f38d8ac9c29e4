# Brings the schema up to date and makes the application's role in the database, and that of dumps. It is run by the migration task with
#   DATABASE_URL         the application's role and the database; in the password's place its SCRAM verifier, percent-encoded
#   DUMP_DATABASE_URL    the role that dumps are made with, likewise; empty or unset for none
#   MASTER_DATABASE_URL  the database's owner
#   MIGRATE_COMMAND      migrates the schema of DATABASE_URL
#   SQL_COMMAND          runs SQL from standard input on DATABASE_URL, all of it in one session
# Every run ends in the same state, so it can be run again, and a new password in a URL takes effect.
set -eu

# read_url VARIABLE URL sets role, database and verifier.
read_url() {
	rest=${2#*://}
	credentials=${rest%%@*}
	location=${rest#*@}
	role=${credentials%%:*}
	path=${location#*/}
	database=${path%%\?*}
	verifier=$(printf '%s\n' "${credentials#*:}" | sed -e 's/%24/$/g' -e 's/%2B/+/g' -e 's/%2F/\//g' -e 's/%3A/:/g' -e 's/%3D/=/g')

	for value in "$role" "$database"; do
		case $value in
		'' | *[!A-Za-z0-9_]*)
			echo "migrate: role and database in $1 must be letters, digits and underscores" >&2
			exit 1
			;;
		esac
	done
	# The server quotes a statement that fails in its log. With the verifier in the password's place there is no password to quote.
	case $verifier in
	*[!A-Za-z0-9+/=:\$-]*) verifier='' ;;
	SCRAM-SHA-256\$[1-9]*:?*\$?*:?*) ;;
	*) verifier='' ;;
	esac
	if [ -z "$verifier" ]; then
		echo "migrate: the password's place in $1 must have its SCRAM-SHA-256 verifier" >&2
		exit 1
	fi
}

# login prints SQL that makes the role, or gives it its password. The owner of RDS is no superuser: PostgreSQL refuses the words SUPERUSER and
# NOSUPERUSER whatever they would change, so attributes that such an owner cannot take away are looked for. From PostgreSQL 16 on it changes
# only roles that it administers.
login() {
	cat <<SQL
DO \$\$
DECLARE
  existing pg_roles%ROWTYPE;
BEGIN
  SELECT * INTO existing FROM pg_roles WHERE rolname = '$role';
  IF NOT FOUND THEN
    CREATE ROLE "$role" LOGIN;
  ELSIF existing.rolsuper OR existing.rolreplication OR existing.rolbypassrls THEN
    RAISE EXCEPTION 'role "$role" is a superuser, or may replicate or bypass row security; take that away, or drop it';
  ELSIF current_setting('server_version_num')::int >= 160000 AND NOT pg_has_role(current_user, existing.oid, 'MEMBER WITH ADMIN OPTION') THEN
    RAISE EXCEPTION 'role "$role" was made by somebody else, and % may not change it; drop it, or have its maker run: GRANT "$role" TO % WITH ADMIN OPTION',
      current_user, quote_ident(current_user);
  END IF;
END
\$\$;
ALTER ROLE "$role" WITH LOGIN NOCREATEDB NOCREATEROLE PASSWORD '$verifier';
GRANT CONNECT ON DATABASE "$database" TO "$role";
GRANT USAGE ON SCHEMA public TO "$role";
SQL
}

# application prints SQL that lets the role do what Prisma's client does, and no more.
application() {
	cat <<SQL
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "$role";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "$role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "$role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "$role";
DO \$\$
BEGIN
  IF to_regclass('public._prisma_migrations') IS NOT NULL THEN
    REVOKE ALL ON public._prisma_migrations FROM "$role";
  END IF;
END
\$\$;
SQL
}

# reader prints SQL that lets the role read what pg_dump reads, and no more.
reader() {
	cat <<SQL
GRANT SELECT ON ALL TABLES IN SCHEMA public TO "$role";
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO "$role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "$role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO "$role";
SQL
}

roles=''
if [ -n "${DUMP_DATABASE_URL-}" ]; then
	read_url DUMP_DATABASE_URL "$DUMP_DATABASE_URL"
	roles=$(login && reader)
fi
read_url DATABASE_URL "$DATABASE_URL"
roles="$(login && application)
$roles"

# The owner runs everything below. The application never sees its URL.
export DATABASE_URL="$MASTER_DATABASE_URL"

# Prisma lets one migration at a time work on a database, and the second gives up after ten seconds, whatever the first still has to do
# (https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production#advisory-locking). Its lock is 72707369. So this waits for
# the other's end, before, and again when another was faster.
await() {
	# shellcheck disable=SC2086 # a command with its arguments
	$SQL_COMMAND <<'SQL'
BEGIN;
SET LOCAL lock_timeout = '10min';
DO $$ BEGIN PERFORM pg_advisory_xact_lock(72707369); END $$;
COMMIT;
SQL
}
# others succeeds while another migration is under way.
others() {
	# shellcheck disable=SC2086
	$SQL_COMMAND >/dev/null 2>&1 <<'SQL'
DO $$ BEGIN IF pg_try_advisory_xact_lock(72707369) THEN RAISE EXCEPTION 'no other migration is under way'; END IF; END $$;
SQL
}
# migrate prints what the command says, and then, where the caller reads it, its exit code; "locked" if Prisma did not get its lock.
exec 3>&1
migrate() {
	{
		code=0
		# shellcheck disable=SC2086
		$MIGRATE_COMMAND 2>&1 3>&- || code=$?
		printf '\nmigrate: ended with %s\n' "$code"
	} | {
		outcome=''
		while IFS= read -r line; do
			case $line in
			'migrate: ended with '*) [ "$outcome" = locked ] || outcome=${line#migrate: ended with } ;;
			*'advisory lock'*72707369*) outcome=locked && printf '%s\n' "$line" >&3 ;;
			*) printf '%s\n' "$line" >&3 ;;
			esac
		done
		echo "$outcome"
	}
}
outcome=locked
for _ in 1 2 3; do
	if ! await; then
		others || exit 1
		break
	fi
	outcome=$(migrate)
	[ "$outcome" = locked ] || break
	echo "migrate: another migration was faster; waiting until it has ended" >&2
done
case $outcome in
0) ;;
locked)
	echo "migrate: another migration of this database does not end, so this one has done nothing; pg_locks has who holds the lock 72707369" >&2
	exit 75
	;;
*) exit "$outcome" ;;
esac

# Two runs at once: the second waits.
# shellcheck disable=SC2086
exec $SQL_COMMAND <<SQL
BEGIN;
SET LOCAL lock_timeout = '2min';
SET LOCAL client_min_messages = warning;
DO \$\$
BEGIN
  PERFORM pg_advisory_xact_lock(4711068301);
  IF (SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'public') THEN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  END IF;
END
\$\$;
REVOKE TEMPORARY ON DATABASE "$database" FROM PUBLIC;
$roles
COMMIT;
SQL
