drop table objective;
