# Dumps the database into the bucket of backups, as a stream: nothing of it lies on the task's disk. It is run by the dump task with
#   DUMP_DATABASE_URL  a role that reads the whole database
#   DUMP_TO            the folder that dumps go to: s3://BUCKET/FOLDER
# S3 makes an object of what it was sent when the upload ends. The script holds the pipe open until pg_dump has ended well, so that an upload never
# ends with half a dump: it is killed instead, and its parts are deleted by the bucket's lifecycle.
set -eu

object=$DUMP_TO/$(date -u +%Y-%m-%dT%H%M%SZ).dump
# An object has 10,000 parts at the most: for one of more than 50 GB the CLI must know how large to make them.
bytes=$(psql --no-psqlrc --tuples-only --no-align --command 'SELECT pg_database_size(current_database())' "$DUMP_DATABASE_URL")

pipe=$HOME/dump.$$
mkfifo "$pipe"
aws s3 cp - "$object" --expected-size "$bytes" --only-show-errors <"$pipe" &
upload=$!
exec 3>"$pipe"
rm "$pipe"
if ! pg_dump --format=custom --lock-wait-timeout=10min --dbname="$DUMP_DATABASE_URL" >&3; then
	kill -KILL "$upload" 2>/dev/null || true
	wait "$upload" || true
	echo "dump: failed, and $object was not written" >&2
	exit 1
fi
exec 3>&-
wait "$upload"
echo "dump: completed $object"
