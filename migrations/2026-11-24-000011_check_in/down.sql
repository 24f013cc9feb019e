alter table matches drop constraint matches_next_check_in;
alter table matches drop constraint matches_last_check_in;
drop index matches_last_check_in_id;
drop index matches_next_check_in_id;
drop table check_in;
