drop table security_event;
drop table role_grant;
drop table membership;
drop table account_link;
drop table password;
drop table account;
