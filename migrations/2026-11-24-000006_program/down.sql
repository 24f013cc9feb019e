drop table enrollment;
drop table cohort;
alter table program drop constraint program_policy_in_force;
drop table program_policy;
drop table program_objective;
alter table role_grant drop constraint role_grant_program;
drop table program;
