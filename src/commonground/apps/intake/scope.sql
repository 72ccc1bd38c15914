-- Questions about other owners that answer yes, no or with ids, and nothing else.

-- Whether another organization's files of this format are tied to this root.
create or replace function cg.is_tied_elsewhere(wanted_format text, wanted_root jsonb, mine uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.intake_tie t
     where t.format = wanted_format and t.root = wanted_root and t.owner_id <> mine)
$$;

-- Whether more than half of these student rows stand, value for value, in the roster of one other organization.
create or replace function cg.are_mostly_elsewhere(digests uuid[], mine uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.roster_student s
     where s.digest = any (digests) and s.owner_id <> mine and s.ended_on is null
     group by s.owner_id
    having count(*) * 2 > cardinality(digests))
$$;

-- Batches that are said to be worked on though no job for them waits or runs, and who sent them.
create or replace function cg.abandoned_batches() returns table (batch_id uuid, person_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select b.id, b.sent_by_id from public.intake_batch b
   where b.status in ('received', 'checking', 'applying', 'undoing') and b.sent_at < now() - interval '5 minutes'
     and not exists (
       select from public.procrastinate_jobs j
        where j.status in ('todo', 'doing') and j.args ->> 'batch_id' = b.id::text)
$$;

-- Which of these are batches whose files may still be needed, or are held; no hold is placed until the transaction ends.
create or replace function cg.batches_with_files(wanted uuid[]) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare place uuid;
begin
  for place in select distinct b.owner_id from public.intake_batch b where b.id = any (wanted) order by 1 loop
    perform cg.lock_holds(place);
  end loop;
  return query
    select b.id from public.intake_batch b
     where b.id = any (wanted) and (b.status not in ('refused', 'discarded') or cg.holds_files(b.owner_id));
end $$;
