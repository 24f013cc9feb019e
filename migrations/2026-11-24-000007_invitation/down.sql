drop table consent;
drop table invitation;
