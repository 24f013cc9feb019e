drop table matches;
drop table exclusion;
drop table matching_run;
