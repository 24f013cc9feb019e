drop table resource;
