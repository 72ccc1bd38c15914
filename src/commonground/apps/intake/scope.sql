-- Questions about other owners that answer yes or no, and nothing else.

-- Whether another organization's files of this format are tied to this root.
create or replace function cg.is_tied_elsewhere(wanted_format text, wanted_root jsonb, mine uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.intake_tie t
     where t.format = wanted_format and t.root = wanted_root and t.owner_id <> mine)
$$;

-- Whether more than half of these student rows stand, value for value, in the roster of one other organization.
create or replace function cg.are_mostly_elsewhere(digests uuid[], mine uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.roster_student s
     where s.digest = any (digests) and s.owner_id <> mine and s.ended_on is null
     group by s.owner_id
    having count(*) * 2 > cardinality(digests))
$$;
