alter table membership drop constraint membership_profile;
drop table guardianship;
drop table profile;
