# Makes the application's role in the database and brings the schema up to date. It is run by the migration task with
#   DATABASE_URL         the application's role, its password and the database
#   MASTER_DATABASE_URL  the database's owner
#   SQL_COMMAND          runs SQL from standard input on DATABASE_URL
#   MIGRATE_COMMAND      migrates the schema of DATABASE_URL
# Every run ends in the same state, so it can be run again, and a new password in DATABASE_URL takes effect.
set -eu

rest=${DATABASE_URL#*://}
credentials=${rest%%@*}
location=${rest#*@}
role=${credentials%%:*}
password=${credentials#*:}
path=${location#*/}
database=${path%%\?*}

for value in "$role" "$password" "$database"; do
	case $value in
	'' | *[!A-Za-z0-9_]*)
		echo "migrate: role, password and database in DATABASE_URL must be letters, digits and underscores" >&2
		exit 1
		;;
	esac
done

# The owner runs everything below. The application never sees its URL.
export DATABASE_URL="$MASTER_DATABASE_URL"

# RDS's owner is no superuser. PostgreSQL then refuses the words SUPERUSER and NOSUPERUSER whatever they would change, and the roles that such
# an owner makes are no superusers.
# shellcheck disable=SC2086 # a command with its arguments
$SQL_COMMAND <<SQL
DO \$\$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$role') THEN
    CREATE ROLE "$role" LOGIN;
  END IF;
END
\$\$;
ALTER ROLE "$role" WITH LOGIN NOCREATEDB NOCREATEROLE PASSWORD '$password';
GRANT CONNECT ON DATABASE "$database" TO "$role";
GRANT USAGE ON SCHEMA public TO "$role";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "$role";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "$role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "$role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "$role";
SQL

# shellcheck disable=SC2086
exec $MIGRATE_COMMAND
